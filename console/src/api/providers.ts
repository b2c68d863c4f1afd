// Who serves models.

import { queryOptions } from "@tanstack/react-query";
import { admin, answer } from "./client";
import type { components } from "./schema";

export type Provider = components["schemas"]["ProviderView"];

export const providersQuery = queryOptions({
  queryKey: ["providers"],
  queryFn: ({ signal }) => answer(admin.GET("/admin/v1/providers", { signal })),
  staleTime: 60_000,
});

/** The built-in provider. Its prices are play money: nobody is billed. */
export const SIMULATOR = "simulator";

/** What is said of one model at a provider. */
export type ModelSaid = components["schemas"]["ModelSaid"];

export type TestResult = components["schemas"]["TestResult"];

/** Switches a provider, or changes it, or makes a new one. */
export function putProvider(id: string, body: components["schemas"]["PutProvider"]): Promise<Provider> {
  return answer(admin.PUT("/admin/v1/providers/{id}", { params: { path: { id } }, body }));
}

/** Forgets what was said of a provider here: one of the catalogue's is as the catalogue has it again. */
export async function forgetProvider(id: string): Promise<void> {
  await answer(admin.DELETE("/admin/v1/providers/{id}", { params: { path: { id } } }));
}

/** Seals and stores a provider's API key, and so enables the provider. */
export async function addCredential(
  id: string,
  body: components["schemas"]["CreateCredential"],
): Promise<void> {
  await answer(admin.POST("/admin/v1/providers/{id}/credentials", { params: { path: { id } }, body }));
}

export async function deleteCredential(id: string): Promise<void> {
  await answer(admin.DELETE("/admin/v1/credentials/{id}", { params: { path: { id } } }));
}

/** Asks a provider the smallest question there is. */
export function testProvider(id: string): Promise<TestResult> {
  return answer(admin.POST("/admin/v1/providers/{id}/test", { params: { path: { id } }, body: {} }));
}
