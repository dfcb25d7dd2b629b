package dev.understudy.proxy.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.understudy.pool.CertifiedKey;
import dev.understudy.pool.RevocationLists;
import dev.understudy.pool.UpstreamTls;
import dev.understudy.proxy.listener.ListenerProperties.Tls.Provider;
import dev.understudy.testing.Rows;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import io.netty.pkitesting.CertificateBuilder.Algorithm;
import io.netty.pkitesting.X509Bundle;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.ssl.DefaultSslBundleRegistry;
import org.springframework.mock.env.MockEnvironment;

/** Which groups the bytes of a handshake name, towards clients and towards servers. */
class KeyExchangeGroupsTest {
  /** IANA's numbers. */
  private static final Map<String, Integer> NUMBERS =
      Map.of(
          "secp256r1", 23, "secp384r1", 24, "secp521r1", 25, "x25519", 29, "X25519MLKEM768", 4588);

  private static final int SUPPORTED_GROUPS = 10;
  private static final int KEY_SHARE = 51;
  private static final String ANY_SUITES = "0006130113021303";
  private static final String TLS_1_3 = "002b0003020304";
  private static final String SIGNATURES = "000d0008000604030804" + "0401";
  private static final String NO_KEY_SHARE = "003300020000";

  private static List<String> words(@Nullable String text) {
    return text == null ? List.of() : List.of(text.split(" "));
  }

  private static Provider provider(String name) {
    return Provider.valueOf(name.toUpperCase(Locale.ROOT));
  }

  private static TlsLibrary library(Provider provider, @Nullable String groups) {
    return new TlsLibrary(provider, KeyExchangeGroups.of(words(groups), provider));
  }

  /** The client sends no key share yet, so that the server says which group it wants. */
  @Rows(
      """
      # BoringSSL prefers the hybrid group, and takes another of a client that lacks it
      auto |                  | x25519 X25519MLKEM768 | X25519MLKEM768
      auto |                  | x25519 secp256r1      | x25519
      auto |                  | secp256r1             | secp256r1
      # a setting has its own order, and no other group
      auto | secp384r1 x25519 | x25519 secp384r1      | secp384r1
      auto | x25519           | X25519MLKEM768 x25519 | x25519
      auto | P-384            | x25519 secp384r1      | secp384r1
      jdk  | secp384r1        | x25519 secp384r1      | secp384r1
      jdk  | x25519           | secp384r1 x25519      | x25519
      """)
  void a_client_is_asked_for_a_group(
      String provider, @Nullable String groups, String offered, String expected) throws Exception {
    assertThat(chosen(library(provider(provider), groups), offered)).isEqualTo(expected);
  }

  /** From JDK 27 on it has the hybrid group. */
  @Test
  void the_jdk_asks_for_what_it_has() throws Exception {
    boolean hybrid = KeyExchangeGroups.ofTheJdk().contains("X25519MLKEM768");
    assertThat(chosen(library(Provider.JDK, null), "X25519MLKEM768 x25519"))
        .isEqualTo(hybrid ? "X25519MLKEM768" : "x25519");
  }

  @Rows(
      """
      auto |                            | X25519MLKEM768 x25519 secp256r1 secp384r1 secp521r1
      auto | secp384r1 X25519MLKEM768   | secp384r1 X25519MLKEM768
      jdk  | secp384r1 x25519           | secp384r1 x25519
      """)
  void a_server_is_offered_groups(String provider, @Nullable String groups, String expected)
      throws Exception {
    SSLEngine engine =
        asking(library(provider(provider), groups))
            .newEngine(UnpooledByteBufAllocator.DEFAULT, "a.test", 443);
    try {
      engine.setUseClientMode(true);
      engine.beginHandshake();
      assertThat(offered(produced(engine))).isEqualTo(words(expected));
    } finally {
      ReferenceCountUtil.release(engine);
    }
  }

  @Rows(
      """
      auto | kyber          | kyber
      auto | x25519 x       | x
      jdk  | kyber x25519   | kyber
      """)
  void a_group_that_no_library_has_is_refused(String provider, String groups, String unknown) {
    Provider asked = provider(provider);
    assertThatThrownBy(() -> KeyExchangeGroups.of(words(groups), asked))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("understudy.tls.groups: expected groups that ")
        .hasMessageContaining("the JDK's TLS has (x25519, secp256r1,")
        .hasMessageEndingWith("found " + unknown);
  }

  @Test
  void a_group_named_twice_is_refused() {
    assertThatThrownBy(() -> KeyExchangeGroups.of(words("P-256 x25519 secp256r1"), Provider.AUTO))
        .hasMessageContaining("expected each group once");
  }

  @Test
  void a_context_whose_library_has_none_of_them_is_refused() {
    assertThatThrownBy(
            () ->
                new KeyExchangeGroups(List.of("none"))
                    .build(SslContextBuilder.forClient(), SslProvider.JDK))
        .hasMessageContaining("expected one group at least of the library");
  }

  /** RFC 8422 §5.1 counts the curve of a certificate among the groups, TLS 1.3 does not. */
  @Rows(
      """
      # towards clients
      server | auto | x25519           | TLSv1.2 | true
      server | jdk  | x25519           | TLSv1.2 | false
      server | jdk  | x25519 secp384r1 | TLSv1.2 | true
      server | jdk  |                  | TLSv1.2 | true
      server | auto | x25519           | TLSv1.3 | true
      server | jdk  | x25519           | TLSv1.3 | true
      # towards servers
      client | auto | x25519           | TLSv1.2 | false
      client | jdk  | x25519           | TLSv1.2 | false
      client | auto | x25519 secp384r1 | TLSv1.2 | true
      client | jdk  | x25519 secp384r1 | TLSv1.2 | true
      client | auto | x25519           | TLSv1.3 | true
      client | jdk  | x25519           | TLSv1.3 | true
      """)
  void tls_1_2_with_a_certificate_of_p_384(
      String side, String provider, @Nullable String groups, String version, boolean agree)
      throws Exception {
    TlsLibrary library = library(provider(provider), groups);
    boolean serving = side.equals("server");
    SslContext own = serving ? serving(library, Algorithm.ecp384) : asking(library);
    SSLEngine ours = own.newEngine(UnpooledByteBufAllocator.DEFAULT);
    try {
      SSLEngine peer =
          (serving
                  ? SslContextBuilder.forClient()
                      .trustManager(InsecureTrustManagerFactory.INSTANCE)
                      .sslProvider(SslProvider.JDK)
                      .build()
                  : serving(library(Provider.JDK, null), Algorithm.ecp384))
              .newEngine(UnpooledByteBufAllocator.DEFAULT);
      peer.setEnabledProtocols(new String[] {version});
      assertThat(agree(ours, peer)).isEqualTo(agree);
    } finally {
      ReferenceCountUtil.release(ours);
    }
  }

  private static SslContext asking(TlsLibrary library) {
    return new UpstreamTlsContexts(
            new DefaultSslBundleRegistry(), new BundleFailureText(new MockEnvironment()), library)
        .apply(new UpstreamTls(null, null, false));
  }

  // ------------------------------------------------------------ bytes

  /** Whether the handshake of both comes to its end. */
  private static boolean agree(SSLEngine one, SSLEngine other) throws SSLException {
    ByteBuffer toOne = ByteBuffer.allocateDirect(64 * 1024);
    ByteBuffer toOther = ByteBuffer.allocateDirect(64 * 1024);
    one.beginHandshake();
    other.beginHandshake();
    try {
      for (int turns = 0; turns < 20; turns++) {
        turn(one, toOne, toOther);
        turn(other, toOther, toOne);
      }
    } catch (SSLHandshakeException e) {
      return false;
    }
    return isDone(one) && isDone(other);
  }

  private static boolean isDone(SSLEngine engine) {
    return engine.getHandshakeStatus() == HandshakeStatus.NOT_HANDSHAKING
        && !engine.getSession().getCipherSuite().equals("SSL_NULL_WITH_NULL_NULL");
  }

  /** Reads and writes what there is. */
  private static void turn(SSLEngine engine, ByteBuffer in, ByteBuffer out) throws SSLException {
    in.flip();
    boolean moved = true;
    while (moved) {
      int before = in.position() + out.position();
      runTasks(engine);
      engine.unwrap(in, ByteBuffer.allocateDirect(32 * 1024));
      runTasks(engine);
      if (engine.getHandshakeStatus() == HandshakeStatus.NEED_WRAP) {
        engine.wrap(ByteBuffer.allocateDirect(0), out);
      }
      moved = in.position() + out.position() > before;
    }
    in.compact();
  }

  private static void runTasks(SSLEngine engine) {
    Runnable task = engine.getDelegatedTask();
    while (task != null) {
      task.run();
      task = engine.getDelegatedTask();
    }
  }

  private static SslContext serving(TlsLibrary library, Algorithm key) {
    X509Bundle made = OwnKeys.of(key);
    List<CertifiedKey> keys =
        List.of(
            new CertifiedKey(
                "a", made.getKeyPair().getPrivate(), List.of(made.getCertificatePath())));
    return new ListenerContext(
            new SniKeyManager(keys, false),
            keys,
            null,
            null,
            null,
            ClientAuth.NONE,
            null,
            List.of(),
            RevocationLists.NONE,
            false)
        .build(library, new TicketKeys(null));
  }

  private static String chosen(TlsLibrary library, String offered) throws Exception {
    SSLEngine engine =
        serving(library, Algorithm.ecp256).newEngine(UnpooledByteBufAllocator.DEFAULT);
    try {
      engine.beginHandshake();
      engine.unwrap(clientHello(offered), ByteBuffer.allocateDirect(32 * 1024));
      ByteBuffer hello = produced(engine);
      hello.position(hello.position() + 5 + 4 + 2 + 32);
      hello.position(hello.position() + 1 + hello.get(hello.position()) + 3);
      return name(extension(hello, KEY_SHARE).getShort());
    } finally {
      ReferenceCountUtil.release(engine);
    }
  }

  private static String name(int number) {
    return NUMBERS.entrySet().stream()
        .filter(each -> each.getValue() == number)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse("group " + number);
  }

  private static ByteBuffer clientHello(String groups) {
    StringBuilder list = new StringBuilder();
    words(groups).forEach(each -> list.append("%04x".formatted(NUMBERS.get(each))));
    String supported = "000a%04x%04x%s".formatted(list.length() / 2 + 2, list.length() / 2, list);
    String extensions = TLS_1_3 + SIGNATURES + supported + NO_KEY_SHARE;
    String body =
        "0303"
            + "5a".repeat(32)
            + "00"
            + ANY_SUITES
            + "0100"
            + "%04x".formatted(extensions.length() / 2)
            + extensions;
    String message = "01%06x".formatted(body.length() / 2) + body;
    String record = "160301%04x".formatted(message.length() / 2) + message;
    byte[] bytes = HexFormat.of().parseHex(record);
    return ByteBuffer.allocateDirect(bytes.length).put(bytes).flip();
  }

  /** The engine's first record. */
  private static ByteBuffer produced(SSLEngine engine) throws SSLException {
    ByteBuffer out = ByteBuffer.allocateDirect(32 * 1024);
    ByteBuffer nothing = ByteBuffer.allocateDirect(0);
    while (out.position() == 0) {
      runTasks(engine);
      engine.wrap(nothing, out);
    }
    return out.flip();
  }

  private static List<String> offered(ByteBuffer hello) {
    hello.position(5 + 4 + 2 + 32);
    hello.position(hello.position() + 1 + hello.get(hello.position()));
    hello.position(hello.position() + 2 + hello.getShort(hello.position()));
    hello.position(hello.position() + 1 + hello.get(hello.position()));
    ByteBuffer groups = extension(hello, SUPPORTED_GROUPS);
    List<String> names = new ArrayList<>();
    for (int left = groups.getShort(); left > 0; left -= 2) {
      names.add(name(groups.getShort()));
    }
    return names;
  }

  /** The content of an extension; before the buffer's position are the fields before them. */
  private static ByteBuffer extension(ByteBuffer hello, int type) {
    int end = hello.getShort() + hello.position();
    while (hello.position() < end) {
      int found = hello.getShort();
      int length = hello.getShort();
      if (found == type) {
        return hello.slice(hello.position(), length);
      }
      hello.position(hello.position() + length);
    }
    throw new AssertionError("no extension " + type);
  }
}
