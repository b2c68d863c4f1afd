// The screens that the navigation leads to, in its order. Policies and budgets get their lines here with their screens.

import {
  IconBox,
  IconChartBar,
  IconKey,
  IconListDetails,
  IconPlayerPlay,
  IconRocket,
  IconServer,
  IconSettings,
} from "@tabler/icons-react";

export const PAGES = [
  { to: "/", name: "Overview", key: "o", icon: IconChartBar },
  { to: "/models", name: "Models", key: "m", icon: IconBox },
  { to: "/simulator", name: "Simulator", key: "s", icon: IconPlayerPlay },
  { to: "/logs", name: "Logs", key: "l", icon: IconListDetails },
  { to: "/keys", name: "Projects and keys", key: "k", icon: IconKey },
  { to: "/providers", name: "Providers", key: "p", icon: IconServer },
  { to: "/settings", name: "Settings", key: "e", icon: IconSettings },
  { to: "/start", name: "Get started", key: "t", icon: IconRocket },
] as const;
