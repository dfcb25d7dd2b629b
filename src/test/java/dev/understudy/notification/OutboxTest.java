package dev.understudy.notification;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.event.Event;
import dev.understudy.event.EventLog;
import dev.understudy.event.ReplicaEvent;
import dev.understudy.testing.Extent;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What waits for one receiver. */
@Tag(Extent.SLOW)
class OutboxTest {
  private final Outbox outbox = new Outbox();

  private static Notification notification(int number) {
    return Notification.of(
        new EventLog.Entry(number, SampleEvents.NOW, new ReplicaEvent.Stopped("m" + number)),
        null,
        SampleEvents.ALONE);
  }

  private int add(int count) {
    int dropped = 0;
    for (int i = 0; i < count; i++) {
      dropped += outbox.add(notification(i));
    }
    return dropped;
  }

  @ParameterizedTest
  @CsvSource({
    "0, TEXT, 0",
    "1, TEXT, 1",
    "20, TEXT, 1",
    "21, TEXT, 21",
    "20, ALERTMANAGER, 20",
    "300, SLACK, 256"
  })
  void few_are_sent_one_by_one_and_a_storm_at_once(int count, Format format, int sent) {
    add(count);
    assertThat(outbox.next(format)).hasSize(sent);
  }

  @Test
  void the_oldest_is_dropped_when_it_is_full() {
    assertThat(add(Outbox.MOST)).isZero();
    assertThat(add(3)).isEqualTo(3);
    assertThat(outbox.waiting()).hasSize(Outbox.MOST).first().returns("m3", Notification::message);
  }

  @Test
  void long_documents_count_for_more() {
    Event longOne = new ReplicaEvent.Stopped("x".repeat(4_000));
    int dropped = 0;
    for (int i = 0; i < Outbox.MOST; i++) {
      dropped +=
          outbox.add(
              Notification.of(
                  new EventLog.Entry(i, SampleEvents.NOW, longOne), null, SampleEvents.ALONE));
    }
    int chars =
        outbox.waiting().stream()
            .mapToInt(each -> each.document().length() + each.message().length())
            .sum();
    assertThat(dropped).isPositive();
    assertThat(chars).isBetween(Outbox.MOST_CHARS * 9 / 10, Outbox.MOST_CHARS);
  }

  @Test
  void what_was_sent_is_removed_even_if_some_of_it_was_dropped_meanwhile() {
    add(30);
    List<Notification> batch = outbox.next(Format.TEXT);
    for (int i = 100; i < 100 + Outbox.MOST - 10; i++) {
      outbox.add(notification(i));
    }
    outbox.remove(batch);
    assertThat(outbox.waiting())
        .hasSize(Outbox.MOST - 10)
        .first()
        .returns("m100", Notification::message);
  }
}
