package dev.understudy.pool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.pool.FirstBytes.Match;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FirstBytesTest {
  private static final FirstBytes[] ALL = {FirstBytes.TLS, FirstBytes.SSH, FirstBytes.HTTP};

  /** What clients send, the protocol of each, and how many bytes it takes to know. */
  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "tls|\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001\u00fc\u0003\u0003|2",
        "|\u0016\u0002\u0001|2",
        "|\u0080.\u0001\u0003\u0001|1",
        "ssh|SSH-2.0-OpenSSH_9.2p1 Debian-2|4",
        "ssh|SSH-1.99-x /y|4",
        "http|SSH / HTTP/1.1|5",
        "|ssh-2.0 x|9",
        "http|GET / HTTP/1.1|5",
        "http|PURGE /x HTTP/1.1|7",
        "http|M-SEARCH * HTTP/1.1|10",
        "http|PRI * HTTP/2.0|5",
        "http|OPTIONS * HTTP/1.1|9",
        "http|GET http://a.example/ HTTP/1.1|8",
        "http|GET HTTPS://a.example/ HTTP/1.1|8",
        "http|CONNECT a.example:443 HTTP/1.1|8",
        "http|UPDATEREDIRECTREF /a HTTP/1.1|19",
        "|EHLO mail.example.com|6",
        "|EHLO host.example.com|7",
        "|GET key|5",
        "|USER root|6",
        "| / HTTP/1.1|1",
        "|GET\\t/|4",
        "|GET\\r\\n|4",
        "|ABCDEFGHIJKLMNOPQRSTUVWXYZ /|25",
        "|*1\\r\\n$4\\r\\nPING|3",
        "|\u0000\u000e8\u00b6O|1",
        "|\u0003\u0000\u0000\u0013|1",
      })
  void a_protocol_is_known_after_its_first_bytes_and_not_before(
      String name, String sent, int needed) {
    byte[] bytes = sent.translateEscapes().getBytes(ISO_8859_1);
    for (FirstBytes protocol : ALL) {
      boolean its = protocol.name().equals(name);
      for (int length = 0; length <= bytes.length; length++) {
        Match match = protocol.match(bytes, length);
        assertThat(match == Match.YES)
            .as("%s after %s of %s", protocol, length, sent)
            .isEqualTo(its && length >= needed);
        assertThat(its ? match != Match.NO : length < needed || match == Match.NO)
            .as("%s after %s of %s", protocol, length, sent)
            .isTrue();
      }
    }
  }

  @Test
  void no_more_bytes_than_the_deciding_ones_are_ever_needed() {
    byte[] longest = "ABCDEFGHIJKLMNOPQRSTUVWX https://a.example/".getBytes(ISO_8859_1);
    assertThat(FirstBytes.HTTP.match(longest, FirstBytes.DECIDING - 1)).isEqualTo(Match.MORE);
    assertThat(FirstBytes.HTTP.match(longest, FirstBytes.DECIDING)).isEqualTo(Match.YES);
    assertThat(FirstBytes.DECIDING).isGreaterThanOrEqualTo(FirstBytes.LONGEST_PREFIX);
  }

  @Test
  void a_prefix_fits_from_its_last_byte_on() {
    FirstBytes prefix = FirstBytes.prefix(new byte[] {0, 0x0e, 0x38});
    byte[] sent = {0, 0x0e, 0x38, 1};
    assertThat(prefix.match(sent, 2)).isEqualTo(Match.MORE);
    assertThat(prefix.match(sent, 3)).isEqualTo(Match.YES);
    assertThat(prefix.match(new byte[] {0, 1}, 2)).isEqualTo(Match.NO);
  }

  @Test
  void a_prefix_is_the_same_in_whatever_letter_case() {
    assertThat(new FirstBytes("0xAbCd")).isEqualTo(new FirstBytes("0xabcd"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "TLS",
        "smtp",
        "0x",
        "0x1",
        "0xgg",
        "1603",
        "0x0102030405060708090a0b0c0d0e0f1011"
      })
  void what_is_no_name_and_no_prefix_is_refused(String name) {
    assertThatThrownBy(() -> new FirstBytes(name)).hasMessageContaining("tls, ssh, http");
  }
}
