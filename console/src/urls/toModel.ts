/** Where a link to a model leads: to be spread into a link. Slugs may hold slashes. */
export function toModel(id: string) {
  const [author = "", ...slug] = id.split("/");
  return { to: "/models/$author/$", params: { author, _splat: slug.join("/") } } as const;
}
