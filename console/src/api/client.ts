// How the console speaks to the gateway's admin API: one typed client, one kind of error.

import createClient from "openapi-fetch";
import type { paths } from "./schema";

export const admin = createClient<paths>({ baseUrl: "/" });

/** Why a call failed, in the admin API's own words where it answered. */
export class ApiError extends Error {
  constructor(
    /** The HTTP status; 0 where there was no answer. */
    readonly status: number,
    /** A stable word. */
    readonly code: string,
    message: string,
    /** The field at fault. */
    readonly field: string | null = null,
    /** The gateway's id of the request, to search its logs for. */
    readonly requestId: string | null = null,
  ) {
    super(message);
    this.name = "ApiError";
  }
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** What a call answered, or its error thrown. */
export async function answer<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call.catch((cause: unknown) => {
    throw unreachable(cause);
  });
  if (!response.ok) throw refusal(response, error);
  return data as T;
}

/** There was no answer at all. */
export function unreachable(cause: unknown): Error {
  if (cause instanceof DOMException && cause.name === "AbortError") return cause;
  return new ApiError(
    0,
    "unreachable",
    "The gateway does not answer. Is it running, and is this machine online?",
  );
}

/** An answer that is an error, in whichever dialect it is written: all have `error.message`. */
export function refusal(response: Response, body: unknown): ApiError {
  const said = isObject(body) && isObject(body.error) ? body.error : {};
  return new ApiError(
    response.status,
    text(said.code) ?? text(said.type) ?? `http_${response.status}`,
    text(said.message) ?? `The gateway answered with status ${response.status}.`,
    text(said.field) ?? text(said.param),
    response.headers.get("x-request-id"),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
