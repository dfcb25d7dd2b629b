/**
 * The history of events: documents that survive a restart, bounded in memory and on the disk, and
 * from them the timeline of who served.
 *
 * <p>{@link dev.understudy.history.HistoryRecorder} keeps the newest documents in memory, where
 * they are read; a thread of its own appends them to the {@code Journal}, two files of lines with a
 * checksum each. {@code Timelines} is a pure core: documents in, tenures out. An {@code EventId}
 * names an event for readers; {@code Lineage} tells where one of an earlier history goes on.
 *
 * <p>Deliberately absent: the events' Java types, except where one becomes a document. What is
 * stored is read as it was written, whichever version wrote it.
 */
@NullMarked
package dev.understudy.history;

import org.jspecify.annotations.NullMarked;
