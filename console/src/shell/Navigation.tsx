import { IconKeyboard, IconLogout, IconMoon, IconSearch, IconSun } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { logOut, sessionQuery } from "~/api/session";
import { COMMAND } from "./keys";
import { PAGES } from "./pages";
import classes from "./Shell.module.css";
import { useDark } from "./useDark";
import { useLeave } from "./useLeave";
import { useScheme } from "./useScheme";
import type { Dialog } from "./useShortcuts";

export function Navigation(props: { open: boolean; brand: ReactNode; onDialog: (dialog: Dialog) => void }) {
  return (
    <nav className={classes.nav} data-open={props.open} aria-label="Screens">
      {props.brand}
      <button type="button" className={classes.find} onClick={() => props.onDialog("palette")}>
        <IconSearch size={15} />
        Find
        <kbd>{COMMAND} K</kbd>
      </button>
      {PAGES.map(({ to, name, icon: Icon }) => (
        <Link
          key={to}
          to={to}
          className={classes.link}
          activeOptions={{ exact: to === "/", includeSearch: false }}
        >
          <Icon size={16} stroke={1.75} />
          {name}
        </Link>
      ))}
      <div className={classes.foot}>
        <FootButton
          onClick={() => props.onDialog("help")}
          icon={<IconKeyboard size={16} />}
          name="Keyboard"
        />
        <SchemeButton />
        <Account />
      </div>
    </nav>
  );
}

function SchemeButton() {
  const { setColorScheme } = useScheme();
  const dark = useDark();
  return (
    <FootButton
      onClick={() => setColorScheme(dark ? "light" : "dark")}
      icon={dark ? <IconSun size={16} /> : <IconMoon size={16} />}
      name={dark ? "Light" : "Dark"}
    />
  );
}

function Account() {
  const user = useQuery(sessionQuery).data?.user;
  const leave = useLeave();
  if (!user) return null;
  const end = async () => {
    await logOut();
    await leave();
  };
  return <FootButton onClick={end} icon={<IconLogout size={16} />} name={`Log out ${user.name}`} />;
}

function FootButton({ onClick, icon, name }: { onClick: () => void; icon: ReactNode; name: string }) {
  return (
    <button type="button" className={`${classes.link} ${classes.footButton}`} onClick={onClick}>
      {icon}
      {name}
    </button>
  );
}
