const paths = {
  menu: "M4 7h16M4 12h16M4 17h16",
  plus: "M12 5v14M5 12h14",
  send: "M12 19V5M6 11l6-6 6 6",
  copy: "M9 9h10v11H9zM5 15V4h10",
  check: "M5 12.5l4.5 4.5L19 7.5",
  chevron: "M9 6l6 6-6 6",
  down: "M12 5v14M6 13l6 6 6-6",
  sun: "M12 8a4 4 0 100 8 4 4 0 000-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  moon: "M20 14.5A8.5 8.5 0 019.5 4a8.5 8.5 0 1010.5 10.5z",
  screen: "M4 5h16v11H4zM9 20h6M12 16v4",
  leave: "M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9",
  alert: "M12 3.5L22 20.5H2zM12 10v4.5M12 17.4v.1",
  retry: "M20 11a8 8 0 10-2.3 6.3M20 4.5V11h-6.5",
  tool: "M14.5 6.5a4 4 0 015-1L16.7 8.3l1.4 1.4 2.8-2.8a4 4 0 01-5.4 4.9L8 19.3 4.7 16l7.5-7.5a4 4 0 012.3-2z",
  thought: "M9 18h6M10 21h4M12 3a6 6 0 00-3.5 10.9c.6.5 1 1.2 1 2V16h5v-.1c0-.8.4-1.5 1-2A6 6 0 0012 3z",
  devices: "M3 5h12v9H3zM6 18h6M17.5 8.5H21v11h-5v-3",
  list: "M8 6h12M8 12h12M8 18h12M4 6h.01M4 12h.01M4 18h.01",
  close: "M6 6l12 12M18 6L6 18",
  search: "M11 5a6 6 0 100 12 6 6 0 000-12zM15.5 15.5L20 20",
  link: "M10 14a4 4 0 005.7 0l3-3a4 4 0 00-5.7-5.7l-1 1M14 10a4 4 0 00-5.7 0l-3 3A4 4 0 0011 18.7l1-1",
} as const;

export type IconName = keyof typeof paths;

/** A decoration: what it stands for is always said by text or a label beside it. */
export function Icon({ name, className = "size-5" }: { name: IconName; className?: string }) {
  return (
    <svg
      aria-hidden="true"
      className={`shrink-0 ${className}`}
      fill="none"
      stroke="currentColor"
      strokeLinecap="round"
      strokeLinejoin="round"
      strokeWidth={1.75}
      viewBox="0 0 24 24"
    >
      <path d={paths[name]} />
    </svg>
  );
}

export function Logo({ className = "size-8" }: { className?: string }) {
  return (
    <svg aria-hidden="true" className={`shrink-0 ${className}`} viewBox="0 0 32 32">
      <rect className="fill-accent" height="32" rx="9" width="32" />
      <path
        className="stroke-on-accent"
        d="M22.6 10.2A8.4 8.4 0 1 0 24 17.6"
        fill="none"
        strokeLinecap="round"
        strokeWidth="3"
      />
      <path className="fill-on-accent" d="M17.4 12.4c2.9-.2 5.2 1 6.6 5.2-2.7.9-5.2.4-7.3-1.5" />
    </svg>
  );
}
