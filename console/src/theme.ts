// What Mantine's components are by default here. Colours stand in styles/base.css, as variables. Components are named and
// not imported, so that each is loaded with the first screen that uses it.

import { createTheme } from "@mantine/core";

export const theme = createTheme({
  cursorType: "pointer",
  defaultRadius: "md",
  components: {
    Button: { defaultProps: { size: "sm" } },
    TextInput: { defaultProps: { size: "sm" } },
    Select: { defaultProps: { size: "sm", allowDeselect: false, checkIconPosition: "right" } },
    // What is closed is gone at once, so that the next key is for what was below it.
    Popover: { defaultProps: { transitionProps: { duration: 0 } } },
    Menu: { defaultProps: { transitionProps: { duration: 0 } } },
    // Locking the page's scroll would put a style element into it, which the content security policy forbids.
    Modal: {
      defaultProps: {
        lockScroll: false,
        transitionProps: { duration: 0 },
        closeButtonProps: { "aria-label": "Close" },
        styles: { title: { fontWeight: 600 } },
      },
    },
  },
});
