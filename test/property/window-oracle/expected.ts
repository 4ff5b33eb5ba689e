import { type JudgedEvent, judge, mergedWatermarkOf, watermarkOf } from './events.ts';
import { sessions, sessionsOfTimely } from './sessions.ts';
import { slidingWindows } from './sliding.ts';
import type { Story } from './story.ts';
import { randomEvents } from './streams.ts';
import { alignedWindows, type Expected } from './windows.ts';

/** What a story must come to, by the batch computation. */
export function expectedOf({ window, keep, shape, shuffle }: Story): Expected {
  const partitions = randomEvents(shape);
  const events: JudgedEvent[] = partitions.flatMap((own, partition) => judge(own, shape.wait, partition));
  const end = shuffle ? mergedWatermarkOf(partitions, shape.wait, shuffle.silent) : watermarkOf(partitions[0] ?? [], shape.wait);
  switch (window.kind) {
    case 'tumbling':
    case 'hopping':
    case 'calendar':
      return alignedWindows(window, events, { keep, end });
    case 'session':
      return shuffle ? sessionsOfTimely(window.gap, events, end) : sessions(window.gap, events, { keep, end });
    case 'sliding':
      return slidingWindows(window.size, events, { keep, end });
  }
}
