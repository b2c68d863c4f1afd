// Who is logged in.

import { queryOptions } from "@tanstack/react-query";
import { admin, answer } from "./client";
import type { components } from "./schema";

export type Session = components["schemas"]["SessionView"];

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: ({ signal }) => answer(admin.GET("/admin/v1/session", { signal })),
  staleTime: 60_000,
  retry: false,
});

export function logIn(email: string, password: string): Promise<Session> {
  return answer(admin.POST("/admin/v1/session", { body: { email, password } }));
}

export async function logOut(): Promise<void> {
  await answer(admin.DELETE("/admin/v1/session"));
}

/** Ends all sessions of whoever is logged in, this one too. */
export async function logOutEverywhere(): Promise<void> {
  await answer(admin.DELETE("/admin/v1/sessions"));
}

/** Makes the first owner, whom the one-time link of the first start invites, and logs in. */
export function makeOwner(body: components["schemas"]["FirstOwner"]): Promise<Session> {
  return answer(admin.POST("/admin/v1/owner", { body }));
}

/** Sets a new password with a one-time link, and logs in. */
export function resetPassword(body: components["schemas"]["ResetPassword"]): Promise<Session> {
  return answer(admin.POST("/admin/v1/password/reset", { body }));
}

/** Changes one's own password; all other sessions end, and a new one begins here. */
export function changePassword(current_password: string, new_password: string): Promise<Session> {
  return answer(admin.POST("/admin/v1/password", { body: { current_password, new_password } }));
}
