import { type Profile, SMALLEST_ROOM } from '../domain/profile/profile.ts';

/** Words from one room to the next: whole cache lines. */
const STRIDE = Math.ceil(SMALLEST_ROOM / 16) * 16;
/** Rooms that share one piece of memory: a piece for each would cost more to keep. */
const ROOMS_TOGETHER = 1024;
const SHIFT = 10;
const WITHIN = ROOMS_TOGETHER - 1;

/** Profiles at rest, by place in the registry. */
export class ProfileRooms {
  /** How many there are. */
  count = 0;
  /** Number of each place's room from 1 on; 0 where there is none. */
  private rooms = new Int32Array(1024);
  private readonly slabs: Int32Array[] = [];
  /** Profiles of numbers in so many calls at a time that their rooms do not suffice. */
  private readonly large = new Map<number, Int32Array>();

  /** Takes up a number's profile, or begins an empty one. */
  takeUp(place: number, profile: Profile): void {
    const room = (place < this.rooms.length ? (this.rooms[place] as number) : 0) - 1;
    if (room < 0) {
      profile.load(undefined);
      return;
    }
    const large = this.large.size === 0 ? undefined : this.large.get(place);
    if (large === undefined) {
      profile.takeUp(this.slabs[room >> SHIFT] as Int32Array, (room & WITHIN) * STRIDE);
    } else profile.takeUp(large, 0);
  }

  keep(place: number, profile: Profile): void {
    const room = this.roomOf(place);
    const words = profile.wordsUsed();
    if (words > STRIDE) {
      const large = new Int32Array(words);
      profile.keep(large, 0);
      this.large.set(place, large);
      return;
    }
    if (this.large.size > 0) this.large.delete(place);
    profile.keep(this.slabs[room >> SHIFT] as Int32Array, (room & WITHIN) * STRIDE);
  }

  private roomOf(place: number): number {
    if (place >= this.rooms.length) {
      const more = new Int32Array(place * 2);
      more.set(this.rooms);
      this.rooms = more;
    }
    const known = this.rooms[place] as number;
    if (known > 0) return known - 1;
    const room = this.count++;
    if ((room & WITHIN) === 0) this.slabs.push(new Int32Array(ROOMS_TOGETHER * STRIDE));
    this.rooms[place] = room + 1;
    return room;
  }
}
