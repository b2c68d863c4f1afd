// The project that pays for what the console itself asks of models, so that it is seen apart. Whoever is logged in calls the
// doors without a key, by naming it.

import { admin, answer } from "./client";

const NAME = "console";

let found: Promise<string> | null = null;

/** The project's id; it is made when it is first needed. */
export function consoleProject(): Promise<string> {
  found ??= find();
  found.catch(() => {
    found = null;
  });
  return found;
}

async function find(): Promise<string> {
  const projects = await answer(admin.GET("/admin/v1/projects"));
  const there = projects.find(({ name }) => name === NAME);
  return (there ?? (await answer(admin.POST("/admin/v1/projects", { body: { name: NAME } })))).id;
}
