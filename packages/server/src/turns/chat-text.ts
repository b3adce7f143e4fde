/** Between the texts of two model calls of one turn, as recorded from protocol 4. */
export const betweenTexts = "\n\n";

/** The visible text of a turn across its model calls, and what of it readers have been told. */
export function createChatText() {
  let finished = "";
  let current = "";
  let told = "";

  const whole = (): string =>
    finished === "" || current === "" ? finished + current : finished + betweenTexts + current;

  return {
    get whole(): string {
      return whole();
    },
    /** What readers know. */
    get told(): string {
      return told;
    },
    /** The text of the model call that is under way. */
    get current(): string {
      return current;
    },
    add: (delta: string): void => {
      current += delta;
    },
    /** The model call ended: its text stands. */
    finishPart: (): void => {
      finished = whole();
      current = "";
    },
    /** The model call failed and is made again: its text is void. */
    dropPart: (): void => {
      current = "";
    },
    get hasNews(): boolean {
      return whole() !== told;
    },
    /** What to tell now: what was added, or the whole text where it changed otherwise. */
    tell: (): { text: string; deltaText: string; replace: boolean } => {
      const text = whole();
      const isAppended = text.startsWith(told);
      const deltaText = isAppended ? text.slice(told.length) : text;
      told = text;
      return { text, deltaText, replace: !isAppended };
    },
  };
}
