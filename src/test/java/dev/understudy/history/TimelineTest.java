package dev.understudy.history;

import static dev.understudy.history.Sample.at;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who served when. */
class TimelineTest {
  private static ServingPeriod tenure(@Nullable String serving, long epoch, long from) {
    return tenure(serving, epoch, from, "FAILBACK");
  }

  private static ServingPeriod tenure(
      @Nullable String serving, long epoch, long from, @Nullable String reason) {
    return new ServingPeriod(
        true, serving, at(from), Instant.MAX, reason, epoch, "evidence " + from, null, null);
  }

  /**
   * Of steps such as {@code a@1:10}: server, epoch and second; {@code -}: nobody, {@code ?}:
   * unknown.
   */
  private static Timeline timeline(String steps) {
    Timeline timeline = Timeline.EMPTY;
    for (String step : steps.isEmpty() ? new String[0] : steps.split(" ")) {
      String[] parts = step.split("[@:]");
      timeline =
          parts[0].equals("?")
              ? timeline.ends(at(Long.parseLong(parts[1])))
              : timeline.begins(
                  tenure(
                      parts[0].equals("-") ? null : parts[0],
                      Long.parseLong(parts[1]),
                      Long.parseLong(parts[2])));
    }
    return timeline;
  }

  /** The same form: {@code a:10-20}. */
  private static String text(List<ServingPeriod> segments) {
    StringJoiner text = new StringJoiner(" ");
    for (ServingPeriod segment : segments) {
      String who = segment.serving() == null ? "-" : segment.serving();
      text.add(
          (segment.known() ? who : "?")
              + ":"
              + second(segment.from())
              + "-"
              + second(segment.to()));
    }
    return text.toString();
  }

  private static long second(Instant at) {
    return at.getEpochSecond() - Sample.START.getEpochSecond();
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      nullValues = "none",
      textBlock =
          """
          nothing is known                          | ''                       | 0   | 100 | ''
          one server since before                   | a@1:0                    | 10  | 100 | a:10-100
          one server since the beginning            | a@1:10                   | 10  | 100 | a:10-100
          known from the middle on                  | a@1:50                   | 10  | 100 | a:50-100
          known from the end on                     | a@1:100                  | 10  | 100 | ''
          known later only                          | a@1:200                  | 10  | 100 | ''
          a switch                                  | a@1:0 b@2:50             | 0   | 100 | a:0-50 b:50-100
          a switch at the beginning                 | a@1:0 b@2:10             | 10  | 100 | b:10-100
          a switch at the end                       | a@1:0 b@2:100            | 10  | 100 | a:10-100
          a switch before and one after             | a@1:0 b@2:5 a@3:200      | 10  | 100 | b:10-100
          several switches                          | a@1:0 b@2:20 a@3:30 b@4:40 | 0 | 100 | a:0-20 b:20-30 a:30-40 b:40-100
          nobody                                    | a@1:0 -@2:20 b@3:30      | 0   | 100 | a:0-20 -:20-30 b:30-100
          nobody from the first on                  | -@0:20 b@1:30            | 0   | 100 | -:20-30 b:30-100
          the same again                            | a@1:0 a@1:20             | 0   | 100 | a:0-100
          the same server in another epoch          | a@1:0 a@2:20             | 0   | 100 | a:0-20 a:20-100
          an end                                    | a@1:0 ?:20               | 0   | 100 | a:0-20 ?:20-100
          a gap                                     | a@1:0 ?:20 a@1:30        | 0   | 100 | a:0-20 ?:20-30 a:30-100
          a gap that another server ends            | a@1:0 ?:20 b@2:30        | 0   | 100 | a:0-20 ?:20-30 b:30-100
          a gap that is told twice                  | a@1:0 ?:20 ?:25 a@1:30   | 0   | 100 | a:0-20 ?:20-30 a:30-100
          a gap that has begun before               | a@1:0 ?:20 a@1:30        | 25  | 100 | ?:25-30 a:30-100
          a gap before all                          | ?:20 a@1:30              | 0   | 100 | a:30-100
          a gap of no length                        | a@1:0 ?:20 a@2:20        | 0   | 100 | a:0-20 a:20-100
          two switches at once                      | a@1:0 b@2:20 c@3:20      | 0   | 100 | a:0-20 c:20-100
          a clock that went back                    | a@1:50 b@2:60 a@3:40     | 0   | 100 | a:39-39 b:39-40 a:40-100
          a clock that went back a little           | a@1:0 b@2:60 a@3:40      | 0   | 100 | a:0-39 b:39-40 a:40-100
          a clock that went back to a switch        | a@1:0 b@2:60 a@3:60 b@4:40 | 0 | 100 | a:0-39 a:39-40 b:40-100
          a clock that went back while nobody saw   | a@1:0 b@2:60 ?:40 b@2:50 | 0   | 100 | a:0-39 b:39-40 ?:40-50 b:50-100
          a clock that went forward and back        | a@1:0 b@2:9000 a@3:9001 b@4:20 a@5:30 | 0 | 100 | a:0-19 b:19-19 a:19-20 b:20-30 a:30-100
          a clock that was ahead                    | a@1:0 b@2:500            | 0   | 100 | a:0-100
          no time at all                            | a@1:0                    | 100 | 100 | ''
          an end before the beginning               | a@1:0                    | 100 | 50  | ''
          """)
  void segments(String what, String steps, long from, long to, String expected) {
    assertThat(text(timeline(steps).between(at(from), at(to)))).as(what).isEqualTo(expected);
  }

  @Test
  void a_tenure_of_any_length_has_its_segment() {
    Timeline timeline =
        timeline("a@1:0")
            .begins(tenure("b", 2, 10))
            .begins(tenure("a", 3, 10).within(at(10).plusNanos(1), Instant.MAX));

    assertThat(timeline.between(at(0), at(20)))
        .extracting(ServingPeriod::serving)
        .containsExactly("a", "b", "a");
  }

  @Test
  void a_segment_has_the_reason_of_the_change_at_its_beginning() {
    Timeline timeline =
        Timeline.EMPTY.begins(
            new ServingPeriod(
                true, "a", at(0), Instant.MAX, "OPERATOR", 4, "an operator", "alice", "upgrade"));

    assertThat(timeline.between(at(10), at(20)))
        .containsExactly(
            new ServingPeriod(
                true, "a", at(10), at(20), "OPERATOR", 4, "an operator", "alice", "upgrade"));
  }

  @Test
  void a_tenure_that_goes_on_after_a_gap_keeps_its_reason() {
    Timeline timeline =
        Timeline.EMPTY
            .begins(tenure("a", 4, 0, "FAILBACK"))
            .ends(at(10))
            .begins(tenure("a", 4, 20, null));

    assertThat(timeline.between(at(0), at(30)))
        .extracting(ServingPeriod::reason)
        .containsExactly("FAILBACK", null, "FAILBACK");
    assertThat(timeline.between(at(20), at(30)).getFirst().evidence()).isEqualTo("evidence 0");
  }

  @Test
  void another_tenure_after_a_gap_has_its_own_reason_or_none() {
    Timeline before = Timeline.EMPTY.begins(tenure("a", 4, 0, "FAILBACK")).ends(at(10));

    assertThat(before.begins(tenure("a", 5, 20, null)).last().reason()).isNull();
    assertThat(before.begins(tenure("b", 4, 20, null)).last().reason()).isNull();
    assertThat(before.begins(tenure("a", 4, 20, "OPERATOR")).last().reason()).isEqualTo("OPERATOR");
  }

  @Test
  void the_last_five_hundred_tenures_are_kept() {
    Timeline timeline = Timeline.EMPTY;
    for (int i = 1; i <= 2_000; i++) {
      timeline = timeline.begins(tenure(i % 2 == 0 ? "a" : "b", i, i));
    }
    List<ServingPeriod> segments = timeline.between(at(0), at(3_000));
    assertThat(segments).hasSize(Timeline.MOST);
    assertThat(segments.getFirst().epoch()).isEqualTo(1_501);
    assertThat(segments.getLast().epoch()).isEqualTo(2_000);
  }

  @Test
  void a_clock_that_was_a_year_ahead_erases_nothing() {
    long year = 365 * 86_400L;
    assertThat(text(timeline("a@1:0 b@2:10 a@3:" + year + " b@4:20").between(at(0), at(30))))
        .isEqualTo("a:0-10 b:10-19 a:19-20 b:20-30");
  }

  @Test
  void a_timeline_never_begins_with_what_is_not_known() {
    Timeline timeline = timeline("a@1:0 ?:10");
    for (int i = 2; i <= Timeline.MOST; i++) {
      timeline = timeline.begins(tenure(i % 2 == 0 ? "a" : "b", i, 20 + i));
    }
    assertThat(timeline.tenures()).hasSize(Timeline.MOST - 1);
    assertThat(timeline.tenures().getFirst()).isEqualTo(tenure("a", 2, 22));
  }
}
