import { beforeEach, describe, expect, test } from "@jest/globals";
import { Backlog, type Due } from "../../src/cook/backlog.js";
import type { Prepared } from "../../src/cook/prepare.js";

let room = 0;
let handed: string[] = [];
let backlog: Backlog;

/** What the backlog reads of an item that is about to be cooked. */
function prepared(order: number, priority = 0, gpu = 0): Prepared {
  const node = { slots: gpu > 0 ? { gpu } : { cpu: 1 }, type: { definition: {} } };
  return { run: { node }, item: { order, priority }, params: {} } as unknown as Prepared;
}

function nameOf({ prepared: { item }, attempt }: Due): string {
  return `${item.priority}:${item.order}${attempt === 1 ? "" : ` attempt ${attempt}`}`;
}

beforeEach(() => {
  room = 0;
  handed = [];
  backlog = new Backlog({
    wants: ({ slots }) => (slots.gpu ?? 0) > 0 || handed.length < room,
    handOn: (due) => handed.push(nameOf(due)),
  });
});

describe("backlog", () => {
  test("what becomes due in one go is handed on by priority, then order, as far as it is wanted", async () => {
    room = 3;
    for (const order of [4, 2, 3, 1]) backlog.put(prepared(order, order === 3 ? 1 : 0), 1);
    await Promise.resolve();
    expect(handed).toEqual(["1:3", "0:1", "0:2"]);
    room = 4;
    backlog.handOn();
    expect(handed.slice(3)).toEqual(["0:4"]);
  });
  test("what comes before something handed on is handed on at once, what comes after waits", async () => {
    room = 1;
    backlog.put(prepared(5), 1);
    await Promise.resolve();
    backlog.put(prepared(9), 1);
    backlog.put(prepared(2), 2);
    backlog.put(prepared(7, 1), 1);
    await Promise.resolve();
    expect(handed).toEqual(["0:5", "1:7", "0:2 attempt 2"]);
  });
  test("what waits for CPU slots holds up nothing that waits for a GPU", async () => {
    backlog.put(prepared(1, 5), 1);
    backlog.put(prepared(2, 0, 1), 1);
    await Promise.resolve();
    expect(handed).toEqual(["0:2"]);
  });
  test("what was called off is not handed on, and may become due again", async () => {
    const one = prepared(1);
    const other = prepared(2);
    backlog.put(one, 1);
    backlog.put(other, 1);
    expect(backlog.callOff((item) => item === one.item)).toEqual([one]);
    expect([...backlog.items]).toEqual([other.item]);
    backlog.put(one, 2);
    room = 9;
    await Promise.resolve();
    expect(handed).toEqual(["0:1 attempt 2", "0:2"]);
    expect(backlog.callOff()).toEqual([]);
  });
});
