/** Something is under way; `label` is read aloud. */
export function Spinner({ label, className = "size-4" }: { label: string; className?: string }) {
  return (
    <span className="inline-flex items-center" role="status">
      <svg aria-hidden="true" className={`spin ${className}`} fill="none" viewBox="0 0 24 24">
        <circle className="stroke-line" cx="12" cy="12" r="9" strokeWidth="3" />
        <path className="stroke-accent" d="M12 3a9 9 0 019 9" strokeLinecap="round" strokeWidth="3" />
      </svg>
      <span className="sr-only">{label}</span>
    </span>
  );
}
