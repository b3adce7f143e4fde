import type { ConnectProblem } from "./link.ts";

export type ProblemText = { title: string; detail: string };

/** What a person is told; a missing credential is no problem but a question. */
export function problemText(problem: ConnectProblem, secondsLeft: number): ProblemText | undefined {
  switch (problem.kind) {
    case "credential-missing":
      return undefined;
    case "wrong-credential":
      return problem.mode === "password"
        ? {
            title: "Wrong password",
            detail: "The gateway did not accept this password. Check gateway.auth.password in its configuration.",
          }
        : {
            title: "Wrong token",
            detail:
              "The gateway did not accept this token. Run “openclaw gateway token” where it runs to see the right one.",
          };
    case "locked-out":
      return secondsLeft > 0
        ? {
            title: "Too many failed attempts",
            detail: `The gateway takes the next attempt in ${inWords(secondsLeft)}.`,
          }
        : { title: "You can try again", detail: "The lockout after too many failed attempts is over." };
    case "access-ended":
      return {
        title: "This browser's access has ended",
        detail:
          "Somebody revoked or removed it at the gateway. Sign in with the token or password; an administrator may have to approve this browser again.",
      };
    case "code-invalid":
      return {
        title: "The code is no longer valid",
        detail: "A code works once and for ten minutes. Ask for a new one, or sign in with the token or password.",
      };
    case "pairing-required":
      return {
        title: "Approval needed",
        detail:
          "Someone has to approve this browser first: in another dashboard, or with “openclaw devices” on the gateway.",
      };
    case "protocol-mismatch":
      return {
        title: "Page and gateway do not fit together",
        detail: "They speak different protocol versions. Reload the page to get the one that belongs to this gateway.",
      };
    case "refused":
      return { title: "The gateway refused the connection", detail: problem.message };
    default:
      return problem satisfies never;
  }
}

function inWords(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  const rest = seconds % 60;
  if (minutes === 0) return `${seconds} ${seconds === 1 ? "second" : "seconds"}`;
  return `${minutes}:${String(rest).padStart(2, "0")} minutes`;
}
