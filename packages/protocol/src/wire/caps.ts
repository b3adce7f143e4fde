/**
 * Declared in `connect.caps`: events of a session come with their position in its stream, and what a connection was sent
 * stays known for a while after it is lost.
 */
export const streamPositionsCap = "stream-positions";
