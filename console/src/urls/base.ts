/** Where the console lives on the gateway, without a slash at the end. */
export const BASE = import.meta.env.BASE_URL.replace(/\/$/, "");
