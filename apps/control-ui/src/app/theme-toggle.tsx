import { useState } from "react";
import { IconButton } from "../ui/button.tsx";
import type { IconName } from "../ui/icon.tsx";
import { applyTheme, readTheme, type Theme } from "./theme.ts";

const next: Readonly<Record<Theme, Theme>> = { system: "light", light: "dark", dark: "system" };
const looks: Readonly<Record<Theme, { icon: IconName; label: string }>> = {
  system: { icon: "screen", label: "Theme: as the device" },
  light: { icon: "sun", label: "Theme: light" },
  dark: { icon: "moon", label: "Theme: dark" },
};

/** Goes through the themes: as the device, light, dark. */
export function ThemeToggle() {
  const [theme, setTheme] = useState(readTheme);
  return (
    <IconButton
      {...looks[theme]}
      onClick={() => {
        applyTheme(next[theme]);
        setTheme(next[theme]);
      }}
    />
  );
}
