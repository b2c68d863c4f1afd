// Every screen, by its address, and a text that stands on it once it is there.

export const SCREENS = [
  { name: "start", path: "start", ready: "Three steps" },
  { name: "models", path: "models", ready: "Open weights" },
  {
    name: "compare",
    path: "compare?models=openai/gpt-4o-mini,anthropic/claude-sonnet-4.6,simulator/echo",
    ready: "Price is that of",
  },
  { name: "model", path: "models/openai/gpt-4o-mini", ready: "Frequently asked" },
  { name: "model-simulator", path: "models/simulator/reasoner", ready: "Frequently asked" },
  { name: "simulator", path: "simulator?prompt=Why%20is%20the%20sky%20blue%3F", ready: "All panes share" },
  { name: "logs", path: "logs", ready: "Status" },
  { name: "keys", path: "keys", ready: "All projects" },
  { name: "overview", path: "", ready: "In the last 24 hours" },
  { name: "providers", path: "providers", ready: "Add your own" },
  { name: "provider", path: "providers?provider=openai", ready: "Store the key" },
  { name: "settings", path: "settings", ready: "Management tokens" },
  { name: "make-key", path: "keys?make=true", ready: "Make the key" },
];
