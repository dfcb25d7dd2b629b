package dev.understudy.admin;

import dev.understudy.history.Segment;
import java.time.Instant;
import java.util.List;

/**
 * The response of {@code GET /api/pools/{pool}/timeline}.
 *
 * @param from the beginning of the time asked for; the first segment may begin later
 * @param to the time of the document, at which the last segment goes on
 * @param segments oldest first, without a gap; {@code known} is false while this replica did not
 *     run, {@code serving} is null then, or if nobody served
 */
record TimelineDocument(String pool, Instant from, Instant to, List<Segment> segments) {
  TimelineDocument {
    segments = List.copyOf(segments);
  }
}
