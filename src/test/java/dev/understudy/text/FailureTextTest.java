package dev.understudy.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.understudy.testing.Rows;
import java.io.IOException;
import java.net.NoRouteToHostException;
import org.junit.jupiter.api.Test;

class FailureTextTest {
  @Rows(
      """
      finishConnect(..) failed with error(-111): Connection refused: /10.0.0.1:80 | connection refused
      recvAddress(..) failed with error(-104): Connection reset by peer           | connection reset
      writevAddresses(..) failed: Broken pipe                                     | connection reset
      finishConnect(..) failed with error(-113): No route to host: /10.0.0.1:80   | no route to host
      finishConnect(..) failed with error(-101): Network is unreachable: /10.0.0.1:80 | network is unreachable
      connect(..) failed with error(-99): Cannot assign requested address         | cannot assign requested address
      Pool has been shut down                                                     | its connections were silent and have been given up
      something else, and no more of it than these sixty characters of it         | something else, and no more of it than these sixty character…
      """)
  void a_failure_is_named_without_system_calls(String message, String expected) {
    assertThat(FailureText.of(new IOException(message), 60)).isEqualTo(expected);
  }

  @Rows(
      """
      error:10000410:SSL routines:OPENSSL_internal:SSLV3_ALERT_HANDSHAKE_FAILURE | received fatal alert: handshake_failure
      error:10000458:SSL routines:OPENSSL_internal:TLSV1_ALERT_UNRECOGNIZED_NAME | received fatal alert: unrecognized_name
      error:100000f7:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER | wrong version number
      """)
  void a_failure_of_boringssl_has_words(String message, String expected) {
    assertThat(FailureText.of(new IOException(message), 100)).isEqualTo(expected);
  }

  @Test
  void a_failure_without_a_message_is_named_by_its_class() {
    assertThat(FailureText.of(new IOException(), 10)).isEqualTo("IOException");
    assertThat(FailureText.of(new NoRouteToHostException("x"), 10)).isEqualTo("no route to host");
  }
}
