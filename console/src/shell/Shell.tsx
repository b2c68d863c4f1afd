import { ActionIcon } from "@mantine/core";
import { IconMenu2, IconSearch, IconX } from "@tabler/icons-react";
import { Link, Outlet, useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { BASE } from "~/urls/base";
import { Navigation } from "./Navigation";
import classes from "./Shell.module.css";
import { type Dialog, useShortcuts } from "./useShortcuts";

const Palette = lazy(() => import("./Palette"));
const KeyboardHelp = lazy(() => import("./KeyboardHelp"));

/** What surrounds every screen: navigation, search over everything, keyboard. */
export function Shell() {
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const [menu, setMenu] = useState(false);
  const { pathname } = useLocation();
  useShortcuts(setDialog);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the menu closes whenever another screen opens
  useEffect(() => setMenu(false), [pathname]);
  const close = () => setDialog(null);
  return (
    <div className={classes.shell}>
      <a href="#main" className={classes.skip}>
        Skip to content
      </a>
      <header className={classes.bar}>
        <Brand />
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label="Find"
          onClick={() => setDialog("palette")}
        >
          <IconSearch size={18} />
        </ActionIcon>
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label={menu ? "Close menu" : "Open menu"}
          aria-expanded={menu}
          onClick={() => setMenu(!menu)}
        >
          {menu ? <IconX size={20} /> : <IconMenu2 size={20} />}
        </ActionIcon>
      </header>
      <Navigation open={menu} brand={<Brand />} onDialog={setDialog} />
      <main id="main" className={classes.main}>
        <div className={classes.inner}>
          <Outlet />
        </div>
      </main>
      <Suspense>
        {dialog === "palette" && <Palette onClose={close} onHelp={() => setDialog("help")} />}
        {dialog === "help" && <KeyboardHelp onClose={close} />}
      </Suspense>
    </div>
  );
}

function Brand() {
  return (
    <Link to="/" className={classes.brand}>
      <img src={`${BASE}/icon.svg`} alt="" />
      Tollgate
    </Link>
  );
}
