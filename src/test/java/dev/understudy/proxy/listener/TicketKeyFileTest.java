package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.ssl.OpenSslSessionTicketKey;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TicketKeyFileTest {
  @TempDir Path folder;

  /** Writes keys of those lengths, each filled with the number of its line. */
  private Path file(String lengths) throws Exception {
    List<String> lines =
        Stream.of(lengths.split(" ")).map(each -> each.matches("\\d+") ? key(each) : each).toList();
    return Files.write(folder.resolve("keys"), lines);
  }

  private static String key(String length) {
    return Base64.getEncoder().encodeToString(new byte[Integer.parseInt(length)]);
  }

  @ParameterizedTest
  @CsvSource({"48 48 48, 3", "80 80 80 80, 4", "48 48 48 48 48, 5"})
  void all_lines_are_read(String lengths, int count) throws Exception {
    assertThat(TicketKeyFile.read(file(lengths))).hasSize(count);
  }

  @Test
  void empty_lines_and_carriage_returns_do_not_count() throws Exception {
    Path file = folder.resolve("keys");
    Files.writeString(file, "\n" + (key("48") + "\r\n").repeat(3) + "\n\n");
    assertThat(TicketKeyFile.read(file)).hasSize(3);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "48 48          | expected at least 3 keys in FILE, each on a line of its own, found 2",
        "48 48 47       | line 3 of FILE: expected 48 or 80 bytes in base64, found 47",
        "48 80 80       | line 2 of FILE: expected 48 bytes, as in the first key, found 80",
        "48 s!cret 48   | line 2 of FILE: expected 48 or 80 bytes in base64, found no base64",
      })
  void what_is_wrong_is_said_with_its_line_and_without_its_text(String lengths, String problem)
      throws Exception {
    Path file = file(lengths);
    assertThatThrownBy(() -> TicketKeyFile.read(file))
        .hasMessage(problem.replace("FILE", file.toString()));
  }

  @Test
  void a_file_that_is_not_there_is_named() {
    Path file = folder.resolve("none");
    assertThatThrownBy(() -> TicketKeyFile.read(file))
        .hasMessage("the file " + file + " cannot be read: it does not exist");
    assertThatThrownBy(
            () -> new ListenerProperties.Tls(ListenerProperties.Tls.Provider.AUTO, file, List.of()))
        .hasMessageStartingWith("understudy.tls.ticket-keys: the file " + file);
  }

  @Test
  void the_last_but_one_encrypts_and_the_last_three_count() {
    OpenSslSessionTicketKey[] keys =
        TicketKeyFile.inForce(Stream.of(1, 2, 3, 4).map(TicketKeyFileTest::filled).toList());
    assertThat(Stream.of(keys).map(each -> each.name()[0]))
        .containsExactly((byte) 3, (byte) 4, (byte) 2);
  }

  private static byte[] filled(int number) {
    byte[] key = new byte[48];
    Arrays.fill(key, (byte) number);
    return key;
  }

  @Test
  void all_of_a_long_key_counts() {
    byte[] other = new byte[80];
    other[79] = 1;
    OpenSslSessionTicketKey[] keys =
        TicketKeyFile.inForce(List.of(new byte[80], new byte[80], other));
    assertThat(keys[0].aesKey()).isNotEqualTo(keys[1].aesKey());
    assertThat(keys[0].hmacKey()).isNotEqualTo(keys[1].hmacKey()).isNotEqualTo(keys[0].aesKey());
  }
}
