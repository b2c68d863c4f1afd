// The screens that the navigation leads to, in its order. Policies and budgets get their lines here with their screens.

import { IconBox, IconKey, IconListDetails, IconPlayerPlay, IconRocket } from "@tabler/icons-react";

export const PAGES = [
  { to: "/models", name: "Models", key: "m", icon: IconBox },
  { to: "/simulator", name: "Simulator", key: "s", icon: IconPlayerPlay },
  { to: "/logs", name: "Logs", key: "l", icon: IconListDetails },
  { to: "/keys", name: "Projects and keys", key: "k", icon: IconKey },
  { to: "/start", name: "Get started", key: "t", icon: IconRocket },
] as const;
