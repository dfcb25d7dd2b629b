package dev.understudy.bench.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegisterTest {
  private static final Hit OLD = new Hit(1, "sen2", "r1", 1, true, "w1");
  private static final Hit NEW = new Hit(2, "sen1", "r2", 2, true, "w2");

  @TempDir private Path folder;

  private Register open() throws Exception {
    return new Register(folder.resolve("register"));
  }

  @Test
  void server_refuses_an_epoch_older_than_another_server_has_seen() throws Exception {
    try (Register master = open();
        Register backup = open()) {
      assertThat(master.append(OLD)).isTrue();
      assertThat(backup.append(NEW)).isTrue();
      assertThat(master.append(OLD)).isFalse();
    }
  }

  @Test
  void server_that_starts_anew_knows_the_newest_epoch() throws Exception {
    try (Register backup = open()) {
      backup.append(NEW);
    }
    try (Register master = open()) {
      assertThat(master.append(OLD)).isFalse();
    }
  }

  @Test
  void request_without_an_epoch_is_accepted() throws Exception {
    try (Register master = open()) {
      master.append(NEW);
      assertThat(master.append(new Hit(3, "sen2", "r1", Hit.NO_EPOCH, true, "w3"))).isTrue();
    }
  }

  @Test
  void all_is_read_in_the_order_of_requests_with_what_was_responded() throws Exception {
    try (Register master = open();
        Register backup = open()) {
      master.append(OLD);
      backup.append(NEW);
      backup.answer(NEW, Hit.EXECUTED);
      master.answer(OLD, Hit.REFUSED);
      Hit last = new Hit(3, "sen2", "r1", 2, false, "r3");
      master.append(last);
      assertThat(Register.read(folder.resolve("register")))
          .containsExactly(OLD.answered(Hit.REFUSED), NEW.answered(Hit.EXECUTED), last);
    }
  }
}
