package dev.understudy.notification;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The signature of a message, checked as a receiver would. */
class SignatureTest {
  private static final byte[] BODY = "{\"a\":\"ä\"}".getBytes(StandardCharsets.UTF_8);

  @TempDir Path folder;

  /** As the page tells receivers to do. */
  static boolean isSigned(String header, byte[] body, String secret)
      throws GeneralSecurityException {
    String time = header.replaceFirst("^t=([0-9]+),v1=.*$", "$1");
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
    mac.update((time + ".").getBytes(StandardCharsets.UTF_8));
    return header.equals("t=" + time + ",v1=" + HexFormat.of().formatHex(mac.doFinal(body)));
  }

  @Test
  void it_is_of_time_and_body_by_the_secret_that_the_file_has_now() throws Exception {
    Path file = Files.writeString(folder.resolve("secret"), "0123456789abcdef\n");
    Signature signature = new Signature(file);
    String first = signature.of(BODY, SampleEvents.NOW);
    assertThat(first).startsWith("t=" + SampleEvents.NOW.getEpochSecond() + ",v1=");
    assertThat(isSigned(first, BODY, "0123456789abcdef")).isTrue();

    Files.writeString(file, "another secret of some length");
    assertThat(
            isSigned(signature.of(BODY, SampleEvents.NOW), BODY, "another secret of some length"))
        .isTrue();

    Files.writeString(file, "short");
    assertThat(
            isSigned(signature.of(BODY, SampleEvents.NOW), BODY, "another secret of some length"))
        .as("an unusable file keeps the secret from before")
        .isTrue();
  }

  @Test
  void a_file_without_a_secret_is_refused() throws IOException {
    Path file = Files.writeString(folder.resolve("secret"), "short\n");
    assertThatThrownBy(() -> new Signature(file))
        .hasMessage("expected a secret of 16 to 4096 bytes in the file " + file);
    assertThatThrownBy(() -> new Signature(folder.resolve("none")))
        .hasMessageEndingWith("cannot be read: it does not exist");
  }
}
