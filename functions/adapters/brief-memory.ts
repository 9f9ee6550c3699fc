/** Answers that are good for a moment: who asks the same meanwhile shares them. */
export interface BriefMemory<Answer> {
  /** @param now epoch ms */
  recall(key: string, now: number, ask: () => Promise<Answer>): Promise<Answer>;
  clear(): void;
}

interface Remembered<Answer> {
  readonly answer: Promise<Answer>;
  readonly until: number;
}

/** More different questions than this within the moment are not worth remembering. */
const MOST = 200;

/**
 * Many pages ask for the same list again and again, and the indexes behind it lag by moments anyhow: so it is read at
 * most once in so long. A failure is not remembered.
 *
 * @param ms how long an answer is good
 */
export function createBriefMemory<Answer>(ms: number): BriefMemory<Answer> {
  const answers = new Map<string, Remembered<Answer>>();
  return {
    recall(key, now, ask) {
      const known = answers.get(key);
      if (known !== undefined && now < known.until) return known.answer;
      if (answers.size >= MOST) answers.clear();
      const answer = ask();
      answers.set(key, { answer, until: now + ms });
      answer.catch(() => answers.delete(key));
      return answer;
    },
    clear: () => answers.clear(),
  };
}
