// Every address of the console, and the screen that it leads to. Screens are loaded when they are first opened, or when
// the pointer rests on a link to them.

import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { modelQuery, modelsQuery } from "./api/catalogue";
import { ApiError } from "./api/client";
import { sessionQuery } from "./api/session";
import { compareSearch } from "./screens/compare/search";
import { loginSearch } from "./screens/entry/search";
import { keysSearch } from "./screens/keys/search";
import { logsSearch } from "./screens/logs/search";
import { modelSearch } from "./screens/model/search";
import { modelsSearch } from "./screens/models/search";
import { overviewSearch } from "./screens/overview/search";
import { providersSearch } from "./screens/providers/search";
import { simulatorSearch } from "./screens/simulator/search";
import { NotFound } from "./shell/NotFound";
import { ScreenError } from "./shell/ScreenError";
import { Shell } from "./shell/Shell";
import { BASE } from "./urls/base";
import { parseSearch, stringifySearch } from "./urls/search";

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: lookAgainWhoIsLoggedIn }),
  mutationCache: new MutationCache({ onError: lookAgainWhoIsLoggedIn }),
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // What the gateway refuses is refused the second time too.
      retry: (count, error) =>
        count < 2 && (!(error instanceof ApiError) || error.status === 0 || error.status >= 500),
    },
  },
});

const root = createRootRouteWithContext<{ queries: QueryClient }>()({ component: Outlet });

const welcome = createRoute({
  getParentRoute: () => root,
  path: "/welcome",
  component: lazyRouteComponent(() => import("./screens/entry/Welcome")),
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: loginSearch,
  component: lazyRouteComponent(() => import("./screens/entry/Login")),
});

const reset = createRoute({
  getParentRoute: () => root,
  path: "/reset",
  component: lazyRouteComponent(() => import("./screens/entry/Reset")),
});

/** All screens for those who are logged in. */
const shell = createRoute({
  getParentRoute: () => root,
  id: "shell",
  component: Shell,
  errorComponent: ScreenError,
  beforeLoad: async ({ context, location }) => {
    const session = await context.queries.ensureQueryData(sessionQuery);
    if (!session.user && !session.owner_exists) throw redirect({ to: "/welcome" });
    if (!session.user) throw redirect({ to: "/login", search: { next: location.href } });
  },
});

const overview = createRoute({
  getParentRoute: () => shell,
  path: "/",
  validateSearch: overviewSearch,
  component: lazyRouteComponent(() => import("./screens/overview/Overview")),
});

const providers = createRoute({
  getParentRoute: () => shell,
  path: "/providers",
  validateSearch: providersSearch,
  component: lazyRouteComponent(() => import("./screens/providers/Providers")),
});

const settings = createRoute({
  getParentRoute: () => shell,
  path: "/settings",
  component: lazyRouteComponent(() => import("./screens/settings/Settings")),
});

const start = createRoute({
  getParentRoute: () => shell,
  path: "/start",
  component: lazyRouteComponent(() => import("./screens/start/Start")),
});

const models = createRoute({
  getParentRoute: () => shell,
  path: "/models",
  validateSearch: modelsSearch,
  loader: ({ context }) => void context.queries.prefetchQuery(modelsQuery),
  component: lazyRouteComponent(() => import("./screens/models/Models")),
});

const model = createRoute({
  getParentRoute: () => shell,
  path: "/models/$author/$",
  validateSearch: modelSearch,
  loader: ({ context, params }) =>
    void context.queries.prefetchQuery(modelQuery(`${params.author}/${params._splat}`)),
  component: lazyRouteComponent(() => import("./screens/model/ModelPage")),
});

const compare = createRoute({
  getParentRoute: () => shell,
  path: "/compare",
  validateSearch: compareSearch,
  component: lazyRouteComponent(() => import("./screens/compare/Compare")),
});

const keys = createRoute({
  getParentRoute: () => shell,
  path: "/keys",
  validateSearch: keysSearch,
  component: lazyRouteComponent(() => import("./screens/keys/Keys")),
});

const logs = createRoute({
  getParentRoute: () => shell,
  path: "/logs",
  validateSearch: logsSearch,
  component: lazyRouteComponent(() => import("./screens/logs/Logs")),
});

const simulator = createRoute({
  getParentRoute: () => shell,
  path: "/simulator",
  validateSearch: simulatorSearch,
  component: lazyRouteComponent(() => import("./screens/simulator/Simulator")),
});

const elsewhere = createRoute({ getParentRoute: () => shell, path: "/$", component: NotFound });

const routes = root.addChildren([
  welcome,
  login,
  reset,
  shell.addChildren([
    overview,
    start,
    models,
    model,
    compare,
    simulator,
    logs,
    keys,
    providers,
    settings,
    elsewhere,
  ]),
]);

export const router = createRouter({
  routeTree: routes,
  basepath: BASE,
  context: { queries: queryClient },
  defaultPreload: "intent",
  // The queries know how old what they hold may be.
  defaultPreloadStaleTime: 0,
  defaultPendingMinMs: 0,
  scrollRestoration: true,
  parseSearch,
  stringifySearch,
});

/** A session can end while its screens are open. Where it has, they lead to the log-in, and back from there. */
function lookAgainWhoIsLoggedIn(error: Error) {
  if (!(error instanceof ApiError) || error.status !== 401) return;
  queryClient.removeQueries({ queryKey: sessionQuery.queryKey });
  void router.invalidate();
}

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
