import type { CaseStore } from '../../functions/adapters/cases-table.ts';
import type { ClosedTask, Task, TaskStore } from '../../functions/adapters/tasks-table.ts';
import type { CaseHead } from '../../lib/domain/ladder/case-head.ts';
import { isClaimed } from '../../lib/domain/ladder/task-lease.ts';
import type { TimelineEvent } from '../../lib/domain/ladder/timeline-event.ts';

interface Page {
  readonly limit?: number;
  readonly next?: string;
}

function pageOf<T>(all: readonly T[], { limit = 50, next }: Page): { part: T[]; next?: string } {
  const from = Number(next ?? 0);
  const more = from + limit < all.length;
  return { part: all.slice(from, from + limit), ...(more && { next: String(from + limit) }) };
}

/** Cases and their timelines in memory, as the table keeps them: ordered by time, then by change. */
export class InMemoryCases implements CaseStore {
  private readonly heads = new Map<string, CaseHead>();
  private readonly events = new Map<string, Map<string, TimelineEvent>>();

  async read(caseId: string) {
    return this.heads.get(caseId);
  }

  async create(head: CaseHead, ...events: TimelineEvent[]) {
    if (this.heads.has(head.caseId)) return false;
    this.write(head, events);
    return true;
  }

  async update(head: CaseHead, events: readonly TimelineEvent[]) {
    if (this.heads.get(head.caseId)?.version !== head.version) return false;
    this.write({ ...head, version: head.version + 1 }, events);
    return true;
  }

  async append(caseId: string, events: readonly TimelineEvent[]) {
    for (const event of events) this.put(caseId, event, '~');
  }

  async timeline(caseId: string, page: Page = {}) {
    const all = [...(this.events.get(caseId) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
    const { next, part } = pageOf(
      all.map(([, event]) => event),
      { limit: 1000, ...page },
    );
    return { events: part, ...(next !== undefined && { next }) };
  }

  async search({
    district,
    from = 0,
    officer,
    state,
    tier,
    ...page
  }: Parameters<CaseStore['search']>[0]) {
    const found = [...this.heads.values()]
      .filter((head) => state === undefined || head.state === state)
      .filter((head) => district === undefined || head.district === district)
      .filter((head) => officer === undefined || head.lastOfficer === officer)
      .filter((head) => tier === undefined || head.tier === tier)
      .filter((head) => head.openedAt >= from)
      .sort((a, b) => b.openedAt - a.openedAt);
    const { next, part } = pageOf(found, page);
    return { cases: part, ...(next !== undefined && { next }) };
  }

  private write(head: CaseHead, events: readonly TimelineEvent[]): void {
    this.heads.set(head.caseId, structuredClone(head));
    for (const [i, event] of events.entries()) {
      this.put(head.caseId, event, `${String(head.version).padStart(6, '0')}-${i}`);
    }
  }

  private put(caseId: string, event: TimelineEvent, order: string): void {
    const known = this.events.get(caseId) ?? new Map<string, TimelineEvent>();
    this.events.set(caseId, known);
    known.set(`${String(event.at).padStart(13, '0')}#${order}#${event.id}`, event);
  }
}

/** Tasks in memory, with the rules of the table. */
export class InMemoryTasks implements TaskStore {
  private readonly tasks = new Map<string, Task>();

  async offer(task: Task) {
    const known = this.tasks.get(task.taskId);
    if (known === undefined) this.tasks.set(task.taskId, task);
    else if (known.closed === undefined) {
      this.tasks.set(task.taskId, { ...known, taskToken: task.taskToken });
    } else return false;
    return true;
  }

  async keepClosed(task: ClosedTask) {
    if (this.tasks.has(task.taskId)) return false;
    this.tasks.set(task.taskId, task);
    return true;
  }

  async read(taskId: string) {
    return this.tasks.get(taskId);
  }

  async ofCase(caseId: string) {
    return [...this.tasks.values()].filter((task) => task.caseId === caseId);
  }

  async openIn(queue: string, now: number, page: Page = {}) {
    const isNeighbours = (task: Task) =>
      task.backupQueue === queue &&
      (task.backupFrom ?? now) <= now &&
      (!isClaimed(task, now) || (task.claim?.at ?? 0) >= (task.backupFrom ?? 0));
    const open = [...this.tasks.values()]
      .filter(({ closed }) => closed === undefined)
      .filter((task) => task.queue === queue || isNeighbours(task))
      .sort((a, b) => a.dueAt - b.dueAt);
    const { next, part } = pageOf(open, page);
    return { tasks: part, ...(next !== undefined && { next }) };
  }

  async claim(taskId: string, by: string, now: number, until: number) {
    const task = this.tasks.get(taskId);
    if (task === undefined) return 'missing';
    if (task.closed !== undefined) return 'closed';
    if (isClaimed(task, now) && task.claim?.by !== by) return 'taken';
    this.tasks.set(taskId, { ...task, claim: { by, at: now, until } });
    return 'claimed';
  }

  async heartbeat(taskId: string, by: string, now: number, until: number) {
    return this.change(
      taskId,
      (task) => task.claim?.by === by && isClaimed(task, now),
      (task) => ({ ...task, claim: { by, at: task.claim?.at ?? now, until } }),
    );
  }

  async release(taskId: string, by: string) {
    return this.change(taskId, ({ claim }) => claim?.by === by, withoutClaim);
  }

  async handOver(taskId: string, by: string, toQueue: string) {
    return this.change(
      taskId,
      ({ claim }) => claim?.by === by,
      (task) => ({ ...withoutClaim(task), queue: toQueue }),
    );
  }

  async close(taskId: string, closing: NonNullable<Task['closed']>) {
    return this.change(
      taskId,
      () => true,
      (task) => ({ ...task, closed: closing }),
    );
  }

  private change(taskId: string, fits: (task: Task) => boolean, to: (task: Task) => Task): boolean {
    const task = this.tasks.get(taskId);
    if (task === undefined || task.closed !== undefined || !fits(task)) return false;
    this.tasks.set(taskId, to(task));
    return true;
  }
}

function withoutClaim({
  claim: _claim,
  backupFrom: _from,
  backupQueue: _queue,
  ...task
}: Task): Task {
  return task;
}
