import type { ComponentProps } from "react";
import { Icon, type IconName } from "./icon.tsx";

const looks = {
  primary: "bg-accent text-on-accent hover:bg-accent-hover disabled:bg-hover disabled:text-muted",
  quiet: "text-ink hover:bg-hover disabled:text-muted",
  danger: "border border-danger bg-surface text-danger hover:bg-hover disabled:text-muted",
  outline: "border border-line bg-surface text-ink hover:bg-hover disabled:text-muted",
} as const;

type ButtonProps = ComponentProps<"button"> & { look?: keyof typeof looks; icon?: IconName };

export function Button({ look = "outline", icon, className = "", children, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={`inline-flex min-h-9 items-center justify-center gap-2 rounded-lg px-3 py-1.5 text-sm font-medium transition-colors disabled:cursor-not-allowed ${looks[look]} ${className}`}
    >
      {icon && <Icon className="size-4" name={icon} />}
      {children}
    </button>
  );
}

type IconButtonProps = Omit<ButtonProps, "icon" | "children"> & {
  icon: IconName;
  label: string;
  size?: "small" | "normal";
};

/** A button of one picture; `label` is its name for everybody who cannot see it, and its tooltip. */
export function IconButton({ icon, label, look = "quiet", size = "normal", className = "", ...rest }: IconButtonProps) {
  const box = size === "small" ? "size-7 rounded-md" : "size-10 rounded-lg";
  return (
    <button
      type="button"
      {...rest}
      aria-label={label}
      className={`inline-flex shrink-0 items-center justify-center transition-colors disabled:cursor-not-allowed ${box} ${looks[look]} ${className}`}
      title={label}
    >
      <Icon className={size === "small" ? "size-4" : "size-5"} name={icon} />
    </button>
  );
}
