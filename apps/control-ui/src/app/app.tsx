import { ConnectScreen } from "../features/connect/connect-screen.tsx";
import { WaitingScreen } from "../features/connect/waiting-screen.tsx";
import { Spinner } from "../ui/spinner.tsx";
import { Shell } from "./shell.tsx";
import { useAppState } from "./use-app.ts";

/** The page for where the connection stands. */
export function App() {
  const link = useAppState((state) => state.link);
  switch (link.at) {
    case "starting":
      return (
        <main className="flex h-full items-center justify-center">
          <Spinner className="size-7" label="Connecting to the gateway" />
        </main>
      );
    case "online":
    case "reconnecting":
      return <Shell />;
    case "waiting-for-approval":
      return <WaitingScreen outcome={link.outcome} request={link.request} />;
    case "connecting":
    case "signed-out":
    case "unreachable":
      return <ConnectScreen link={link} />;
    default:
      return link satisfies never;
  }
}
