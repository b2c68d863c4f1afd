// The screens that the navigation leads to, in its order. Policies and budgets get their lines here with their screens.

import { IconBox, IconRocket } from "@tabler/icons-react";

export const PAGES = [
  { to: "/models", name: "Models", key: "m", icon: IconBox },
  { to: "/start", name: "Get started", key: "t", icon: IconRocket },
] as const;
