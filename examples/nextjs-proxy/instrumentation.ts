/** Next.js calls this once, before it answers requests. */
export async function register(): Promise<void> {
  if (process.env["NEXT_RUNTIME"] !== "nodejs") return;
  const { registerGatewayProxy } = await import("@openclaw-gateway/client/proxy/next");
  registerGatewayProxy({
    // Who is signed in may chat, in a session of their own.
    authorize: async (request) => {
      const user = await userOf(request);
      return user !== undefined && { sessions: [`user-${user}`] };
    },
  });
}

/** In the place of your own sign-in. */
async function userOf(request: Request): Promise<string | undefined> {
  return /(?:^|; )user=([a-z0-9]+)/.exec(request.headers.get("cookie") ?? "")?.[1];
}
