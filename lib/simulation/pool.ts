/** Things that are known by a whole number until they are taken. */
export class Pool<T> {
  readonly #things: (T | undefined)[] = [];
  readonly #free: number[] = [];

  put(thing: T): number {
    const place = this.#free.pop() ?? this.#things.length;
    this.#things[place] = thing;
    return place;
  }

  take(place: number): T {
    const thing = this.#things[place] as T;
    this.#things[place] = undefined;
    this.#free.push(place);
    return thing;
  }
}
