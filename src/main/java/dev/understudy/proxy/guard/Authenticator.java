package dev.understudy.proxy.guard;

import dev.understudy.fairness.ClientNetwork;
import dev.understudy.network.IpAddress;
import dev.understudy.pool.UserList;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Decides for one {@code BasicAuth} who may pass (RFC 7617). Thread-safe. */
public final class Authenticator {
  /** What goes to the server of an admitted user's credentials. */
  public enum Forward {
    /** The {@code Authorization} header, as it came (as with HAProxy). */
    CREDENTIALS,
    /** The user's name as {@code X-Forwarded-User}, without the credentials. */
    USER,
    /** Neither. */
    NONE
  }

  /** Whether a request may pass. */
  public sealed interface Verdict {}

  /** The request may pass. */
  public record Admitted(String user) implements Verdict {}

  /** Why a request may not pass. */
  public enum Refused implements Verdict {
    /** The response is 401. */
    CREDENTIALS,
    /** Too many passwords wait to be checked: the response is 503. */
    BUSY
  }

  /**
   * The arguments of {@code BasicAuth}.
   *
   * @param file the path of the users' file as the dynamic file has it
   * @param realm shown by browsers
   * @param groups the user must be in one of them; empty for any user
   */
  record Settings(String file, String realm, Set<String> groups, Forward forward) {
    private static final String DEFAULT_REALM = "Restricted";

    static Settings of(Function<String, @Nullable String> arguments) {
      String file = arguments.apply("file");
      if (file == null || file.isBlank()) {
        throw new IllegalArgumentException("file: expected the path of a file of users");
      }
      String realm = arguments.apply("realm");
      String groups = arguments.apply("groups");
      return new Settings(
          file.strip(),
          realm == null ? DEFAULT_REALM : realm(realm),
          groups == null ? Set.of() : groups(groups),
          forward(arguments.apply("forward")));
    }

    private static String realm(String text) {
      boolean plain = text.chars().allMatch(c -> c >= ' ' && c <= '~' && c != '"' && c != '\\');
      if (!plain || text.length() > 100) {
        throw new IllegalArgumentException(
            "realm: expected at most 100 printable ASCII characters without quotes and"
                + " backslashes");
      }
      return text;
    }

    private static Set<String> groups(String text) {
      Set<String> groups =
          Arrays.stream(text.split(",", -1))
              .map(String::strip)
              .filter(group -> !group.isEmpty())
              .collect(Collectors.toUnmodifiableSet());
      if (groups.isEmpty()) {
        throw new IllegalArgumentException("groups: expected names, separated by commas");
      }
      return groups;
    }

    private static Forward forward(@Nullable String text) {
      return switch (text == null ? "credentials" : text) {
        case "credentials" -> Forward.CREDENTIALS;
        case "user" -> Forward.USER;
        case "none" -> Forward.NONE;
        default ->
            throw new IllegalArgumentException(
                "forward: expected credentials, user or none, found '" + text + "'");
      };
    }
  }

  /** The most bytes of name and password together; hashes of longer ones would take too long. */
  private static final int MOST_BYTES = 512;

  private static final String BASIC = "basic ";
  private static final CompletableFuture<Verdict> UNAUTHORIZED =
      CompletableFuture.completedFuture(Refused.CREDENTIALS);

  private final Settings settings;
  private final UserFile users;
  private final PasswordVerifier verifier;

  Authenticator(Settings settings, UserFile users, PasswordVerifier verifier) {
    this.settings = settings;
    this.users = users;
    this.verifier = verifier;
  }

  public Forward forward() {
    return settings.forward();
  }

  /** The {@code WWW-Authenticate} field of a 401. */
  public String challenge() {
    return "Basic realm=\"" + settings.realm() + "\", charset=\"UTF-8\"";
  }

  /**
   * Checks a request's credentials; done at once unless a password has to be hashed. Completed on
   * another thread then, and never with an error.
   *
   * @param authorization all values of the {@code Authorization} header
   * @param client its address; null if it is not known
   */
  public CompletableFuture<Verdict> check(List<String> authorization, @Nullable IpAddress client) {
    byte[] credentials = authorization.size() == 1 ? decode(authorization.get(0)) : null;
    int colon = credentials == null ? -1 : indexOfColon(credentials);
    if (credentials == null || colon <= 0) {
      return UNAUTHORIZED;
    }
    String name = text(credentials, colon);
    if (name == null) {
      return UNAUTHORIZED;
    }
    UserFile.Version version = users.current();
    byte[] password = Arrays.copyOfRange(credentials, colon + 1, credentials.length);
    CompletableFuture<PasswordVerifier.Result> result =
        verifier.verify(version, name, password, ClientNetwork.of(client));
    return result.isDone()
        ? CompletableFuture.completedFuture(verdict(result.join(), version.list(), name))
        : result.thenApply(found -> verdict(found, version.list(), name));
  }

  private Verdict verdict(PasswordVerifier.Result result, UserList list, String name) {
    return switch (result) {
      case BUSY -> Refused.BUSY;
      case BAD -> Refused.CREDENTIALS;
      case GOOD -> {
        UserList.User user = list.users().get(name);
        boolean member =
            user != null
                && (settings.groups().isEmpty()
                    || !Collections.disjoint(settings.groups(), user.groups()));
        yield member ? new Admitted(name) : Refused.CREDENTIALS;
      }
    };
  }

  private static byte @Nullable [] decode(String value) {
    if (!value.toLowerCase(Locale.ROOT).startsWith(BASIC) || value.length() > 2 * MOST_BYTES) {
      return null;
    }
    try {
      byte[] decoded = Base64.getDecoder().decode(value.substring(BASIC.length()).trim());
      return decoded.length > MOST_BYTES ? null : decoded;
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static int indexOfColon(byte[] credentials) {
    int at = 0;
    while (at < credentials.length && credentials[at] != ':') {
      at++;
    }
    return at == credentials.length ? -1 : at;
  }

  /** The name in UTF-8; null if it is not. */
  private static @Nullable String text(byte[] credentials, int length) {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(credentials, 0, length))
          .toString();
    } catch (CharacterCodingException e) {
      return null;
    }
  }
}
