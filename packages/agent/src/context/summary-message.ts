/** A summary as the model is sent it, in the place of what it sums up. */
export const summaryFrame = (summary: string): string =>
  `The beginning of this conversation is left out here because it had become too long. What follows sums it up; go on from it as if you had read all of it yourself.\n\n<summary>\n${summary}\n</summary>`;
