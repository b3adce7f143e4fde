import { Logo } from "../../ui/icon.tsx";

const ideas = ["What can you do?", "Summarise what is in your workspace", "How do I add a model provider?"];

/** A new session: what to begin with. */
export function EmptyChat({ name, onIdea }: { name: string; onIdea: (text: string) => void }) {
  return (
    <div className="flex flex-1 flex-col items-center justify-center gap-5 py-10 text-center">
      <Logo className="size-12" />
      <div>
        <h2 className="text-xl font-semibold tracking-tight">What would you like to do?</h2>
        <p className="mt-1 text-sm text-muted">Ask {name} anything, or begin with one of these.</p>
      </div>
      <ul className="flex flex-wrap justify-center gap-2">
        {ideas.map((idea) => (
          <li key={idea}>
            <button
              className="min-h-10 rounded-full border border-line bg-surface px-4 py-1.5 text-sm hover:bg-hover"
              onClick={() => onIdea(idea)}
              type="button"
            >
              {idea}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
