// Every screen, by its address, and a text that stands on it once it is there.

import { expect, type Page } from "@playwright/test";
import type { Traffic } from "./traffic";

export interface Screen {
  name: string;
  /** The address; some show one of the requests that were made. */
  path: string | ((traffic: Traffic) => string);
  ready: string | RegExp;
  /** What is done on it before it is looked at. */
  arrange?: (page: Page) => Promise<void>;
  /** Whether nobody is logged in. */
  stranger?: boolean;
}

export const SCREENS: Screen[] = [
  { name: "start", path: "start", ready: "Three steps" },
  { name: "start-arrived", path: "start", ready: "Three steps", arrange: send },
  { name: "models", path: "models", ready: "Open weights" },
  { name: "models-none", path: "models?q=nothing%20is%20called%20that", ready: "No model fits" },
  {
    name: "compare",
    path: "compare?models=openai/gpt-4o-mini,anthropic/claude-sonnet-4.6,simulator/echo",
    ready: "Price is that of",
  },
  { name: "model", path: "models/openai/gpt-4o-mini", ready: "Frequently asked" },
  { name: "model-simulator", path: "models/simulator/reasoner", ready: "Frequently asked" },
  { name: "model-missing", path: "models/nobody/nothing", ready: "The catalogue has no" },
  { name: "models-nearly", path: "models?q=gpt-4o-minni", ready: "Did you mean" },
  { name: "simulator", path: "simulator?prompt=Why%20is%20the%20sky%20blue%3F", ready: "All panes share" },
  {
    name: "simulator-answers",
    path: "simulator?pane=simulator/echo,simulator/reasoner,openai/gpt-4o-mini&prompt=Why%20is%20the%20sky%20blue%3F&system=Be%20brief.",
    ready: "All panes share",
    arrange: run,
  },
  { name: "logs", path: "logs", ready: "Status" },
  { name: "logs-none", path: "logs?cost=1", ready: "No request fits" },
  { name: "request", path: ({ served }) => `logs?request=${served}`, ready: "Tokens and cost" },
  { name: "request-failed", path: ({ failed }) => `logs?request=${failed}`, ready: "Tokens and cost" },
  { name: "keys", path: "keys", ready: "All projects" },
  { name: "make-key", path: "keys?make=true", ready: "Make the key" },
  { name: "key", path: ({ key }) => `keys?key=${key}`, ready: "only its hash is kept" },
  { name: "key-revoke", path: ({ key }) => `keys?key=${key}`, ready: "Revoke", arrange: askToRevoke },
  { name: "overview", path: "", ready: "In the last 24 hours" },
  { name: "providers", path: "providers", ready: "Add your own" },
  { name: "provider", path: "providers?provider=openai", ready: "Store the key" },
  { name: "provider-measured", path: "providers?provider=simulator", ready: "In the last 24 hours" },
  { name: "add-provider", path: "providers?add=true", ready: "Add the provider" },
  { name: "edit-provider", path: "providers?add=true", ready: "Add the provider", arrange: addAndEdit },
  { name: "settings", path: "settings", ready: "Management tokens" },
  {
    name: "log-out-everywhere",
    path: "settings",
    ready: "Management tokens",
    arrange: askToLogOutEverywhere,
  },
  { name: "palette", path: "models", ready: "Open weights", arrange: find },
  { name: "keyboard", path: "models", ready: "Open weights", arrange: help },
  { name: "menu", path: "models", ready: "Open weights", arrange: openMenu },
  { name: "no-such-page", path: "nothing/here", ready: "There is nothing at this address" },
  { name: "login", path: "login", ready: "Forgotten?", stranger: true },
  { name: "reset", path: "reset#tgw_no_such_link", ready: "Set a new password", stranger: true },
  { name: "link-missing", path: "reset", ready: "This page needs its link", stranger: true },
];

/** Opens one of them, in a page that is logged in but where strangers come. */
export async function open(page: Page, { path, ready, arrange, stranger }: Screen, traffic: Traffic) {
  if (stranger) await page.context().clearCookies();
  await page.goto(typeof path === "string" ? path : path(traffic));
  await expect(page.getByText(ready).first()).toBeVisible();
  await arrange?.(page);
}

async function send(page: Page) {
  await page.locator("form").getByRole("button", { name: "Make a key" }).click();
  const key = await page.getByRole("button", { name: "Copy the key" }).innerText();
  await page.request.post(new URL("/v1/chat/completions", page.url()).href, {
    headers: { authorization: `Bearer ${key}` },
    data: { model: "simulator/echo", messages: [{ role: "user", content: "Hello!" }] },
  });
  await expect(page.getByText("It works.")).toBeVisible();
}

async function run(page: Page) {
  await page.getByRole("button", { name: "Run" }).click();
  await expect(page.getByText("Served by Simulator")).toHaveCount(2);
  await page.getByText("Served by Simulator").first().click();
}

async function askToRevoke(page: Page) {
  await page.getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
}

async function askToLogOutEverywhere(page: Page) {
  await page.getByRole("button", { name: "Log out everywhere" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
}

/** Of its own provider, which the next time is only changed. */
async function addAndEdit(page: Page) {
  await page.getByRole("textbox", { name: "Id" }).fill("next-door");
  await page.getByRole("textbox", { name: "Address" }).fill("http://127.0.0.1:9/v1");
  await page.getByPlaceholder("llama-3.3-70b").fill("tiny");
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Add the provider" }).click();
  await page.getByRole("button", { name: "Edit" }).click();
  await expect(page.getByRole("button", { name: "Save" })).toBeVisible();
}

async function find(page: Page) {
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox").fill("simul");
  await expect(page.getByRole("option").first()).toBeVisible();
}

async function help(page: Page) {
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog")).toBeVisible();
}

/** On a phone the screens are behind a button. */
async function openMenu(page: Page) {
  const button = page.getByRole("button", { name: "Open menu" });
  if (await button.isVisible()) await button.click();
}
