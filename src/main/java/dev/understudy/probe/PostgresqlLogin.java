package dev.understudy.probe;

import com.ongres.scram.client.ScramClient;
import com.ongres.scram.common.StringPreparation;
import com.ongres.scram.common.exception.ScramException;
import com.ongres.scram.common.util.TlsServerEndpoint;
import io.netty.buffer.ByteBuf;
import io.netty.handler.ssl.SslHandler;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.commons.codec.digest.DigestUtils;
import org.jspecify.annotations.Nullable;

/**
 * A login with a password (PostgreSQL 15, chapters 55.2 and 55.3).
 *
 * <pre>
 *  method received     | answer
 *  --------------------+-----------------------------------------------------------------
 *  Ok                  | none; refused while SCRAM has begun and the server has proved nothing
 *  CleartextPassword   | the password; refused without TLS
 *  MD5Password         | its hash with the salt; refused without TLS
 *  SASL                | the first message of SCRAM-SHA-256, with TLS bound to the server's
 *                      | certificate if the server offers it (tls-server-end-point)
 *  SASLContinue        | the proof; refused beyond {@value #MAX_ITERATIONS} iterations
 *  SASLFinal           | none; refused if the server does not prove that it knows the password
 * </pre>
 */
final class PostgresqlLogin {
  static final int OK = 0;
  private static final int CLEARTEXT = 3;
  private static final int MD5 = 5;
  private static final int SASL = 10;
  private static final int SASL_CONTINUE = 11;
  private static final int SASL_FINAL = 12;

  /** Some 20 ms of the probes' thread; PostgreSQL's default of 4096 takes 1 ms. */
  private static final int MAX_ITERATIONS = 100_000;

  private static final String MECHANISM = "SCRAM-SHA-256";

  private final String user;
  private final String password;
  private @Nullable ScramClient scram;
  private boolean proved;

  PostgresqlLogin(String user, String password) {
    this.user = user;
    this.password = password;
  }

  /**
   * Answers an Authentication message.
   *
   * @param body what follows the method
   * @param tls of the connection; null if it has none
   * @return the message to send; empty for none
   */
  byte[] answer(int method, ByteBuf body, @Nullable SslHandler tls) throws LoginException {
    return switch (method) {
      case OK -> letIn();
      case CLEARTEXT -> message(terminated(secret("clear text", password, tls)));
      case MD5 -> message(terminated(secret("MD5", md5(body), tls)));
      case SASL -> begin(mechanisms(body), tls);
      case SASL_CONTINUE -> prove(body.toString(StandardCharsets.UTF_8));
      case SASL_FINAL -> verify(body.toString(StandardCharsets.UTF_8));
      default -> throw new LoginException("the server wants method " + method + ", " + EXPECTED);
    };
  }

  private static final String EXPECTED = "expected " + MECHANISM;

  private byte[] letIn() throws LoginException {
    if (scram != null && !proved) {
      throw unproved();
    }
    return new byte[0];
  }

  private static LoginException unproved() {
    return new LoginException("the server does not prove that it knows the password");
  }

  private static String secret(String how, String value, @Nullable SslHandler tls)
      throws LoginException {
    if (tls == null) {
      throw new LoginException(
          "the server wants the password in "
              + how
              + " without TLS, "
              + EXPECTED
              + " or tls: true");
    }
    return value;
  }

  private String md5(ByteBuf salt) {
    byte[] bytes = new byte[salt.readableBytes()];
    salt.readBytes(bytes);
    byte[] inner = DigestUtils.md5Hex(password + user).getBytes(StandardCharsets.US_ASCII);
    byte[] salted = Arrays.copyOf(inner, inner.length + bytes.length);
    System.arraycopy(bytes, 0, salted, inner.length, bytes.length);
    return "md5" + DigestUtils.md5Hex(salted);
  }

  private static List<String> mechanisms(ByteBuf body) {
    return Arrays.asList(body.toString(StandardCharsets.UTF_8).split("\0"));
  }

  private byte[] begin(List<String> offered, @Nullable SslHandler tls) throws LoginException {
    ScramClient client;
    try {
      client =
          ScramClient.builder()
              .advertisedMechanisms(
                  offered.stream().filter(each -> each.startsWith(MECHANISM)).toList())
              .username("*") // PostgreSQL takes the one of the session's start
              .password(password.toCharArray())
              .stringPreparation(StringPreparation.POSTGRESQL_PREPARATION)
              .channelBinding("tls-server-end-point", endpoint(tls))
              .build();
    } catch (IllegalArgumentException e) {
      throw new LoginException(
          "the server offers " + Details.quoted(String.join(", ", offered)) + ", " + EXPECTED);
    }
    if (scram != null) {
      throw new LoginException("the server begins SCRAM twice");
    }
    scram = client;
    byte[] first = client.clientFirstMessage().toString().getBytes(StandardCharsets.UTF_8);
    byte[] mechanism = terminated(client.getScramMechanism().getName());
    return message(
        ByteBuffer.allocate(mechanism.length + 4 + first.length)
            .put(mechanism)
            .putInt(first.length)
            .put(first)
            .array());
  }

  /** What the channel is bound to; null, or empty for a signature without a hash, if to nothing. */
  private static byte @Nullable [] endpoint(@Nullable SslHandler tls) {
    try {
      return tls != null
              && tls.engine().getSession().getPeerCertificates()[0] instanceof X509Certificate own
          ? TlsServerEndpoint.getChannelBindingData(own)
          : null;
    } catch (SSLPeerUnverifiedException | CertificateEncodingException e) {
      return null;
    }
  }

  private byte[] prove(String challenge) throws LoginException {
    try {
      ScramClient client = begun();
      int iterations = client.serverFirstMessage(challenge).getIterationCount();
      if (iterations > MAX_ITERATIONS) {
        throw new LoginException(
            "the server wants " + iterations + " iterations, expected at most " + MAX_ITERATIONS);
      }
      return message(client.clientFinalMessage().toString().getBytes(StandardCharsets.UTF_8));
    } catch (ScramException | RuntimeException e) {
      throw malformed(challenge);
    }
  }

  private byte[] verify(String signature) throws LoginException {
    try {
      begun().serverFinalMessage(signature);
    } catch (ScramException | RuntimeException e) {
      throw unproved();
    }
    proved = true;
    return new byte[0];
  }

  private ScramClient begun() {
    if (scram == null) {
      throw new IllegalStateException("not begun");
    }
    return scram;
  }

  private static LoginException malformed(String challenge) {
    return new LoginException("no message of SCRAM: " + Details.quoted(challenge));
  }

  private static byte[] terminated(String text) {
    return (text + "\0").getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] message(byte[] body) {
    return ByteBuffer.allocate(5 + body.length)
        .put((byte) 'p')
        .putInt(4 + body.length)
        .put(body)
        .array();
  }
}
