// Records as the admin API gives them, as many as nobody should scroll through.

/** A page of records, the newest first: from one number on, so many; `next` says whether there are more behind them. */
export function recordPage(from: number, count: number, next: boolean): string {
  const nothing =
    '"attempts":[],"estimate":false,"interrupted":false,"error":null,"lost":[],"excluded":[],"client_request_id":null';
  const usage = '"usage":{"input":10,"cache_read":0,"cache_write":0,"output":20,"reasoning":0}';
  const id = (at: number) => `gen_${at.toString(16).padStart(32, "0")}`;
  const one = (at: number) =>
    `{"id":"${id(at)}","at":"2026-11-21T10:00:00.000Z","project":"p","key":"k","door":"POST /v1/x",` +
    `"model":"a/${at}","provider":"p","status":200,"stream":true,"requested_model":"a","operation":"chat","organization":"o",` +
    `"cost_usd":"0.0001","first_token_ms":5,"duration_ms":50,${usage},${nothing}}`;
  const rows = Array.from({ length: count }, (_, at) => one(from + at));
  return `{"requests":[${rows.join(",")}],"next_before":${next ? `"${id(from + count - 1)}"` : "null"}}`;
}
