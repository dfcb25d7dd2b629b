package dev.understudy.admin.access;

import dev.understudy.file.BoundedYaml;
import dev.understudy.pool.Operator;
import dev.understudy.text.Words;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Parses the file of tokens, strictly:
 *
 * <pre>
 * tokens:
 *   - { name: alice, role: operate, token: "the secret" }
 *   - { name: grafana, role: view, sha256: 64 hexadecimal digits }
 * </pre>
 *
 * <p>Messages name the line and the expectation, and never quote the file: a secret may stand in
 * the wrong place.
 */
final class TokensParser {
  /** The number of tokens. */
  static final int MOST = 100;

  private static final int MOST_PROBLEMS = 10;
  private static final int DEPTH = 10;
  private static final String TOKENS = "tokens";
  private static final List<String> FIELDS = List.of("name", "role", "token", "sha256");
  private static final String EXPECTED_FIELDS = "expected name, role, and token or sha256";

  /** Printable ASCII, as header fields transport nothing else unchanged, without blanks at ends. */
  private static final Pattern SECRET = Pattern.compile("[!-~]([ -~]{0,1022}[!-~])?");

  private static final Pattern SHA256 = Pattern.compile("[0-9A-Fa-f]{64}");

  /** The file cannot be used; the message says why, without quoting it. */
  static final class UnusableException extends Exception {
    private static final long serialVersionUID = 1;

    UnusableException(String message) {
      super(message);
    }
  }

  private final List<String> problems = new ArrayList<>();
  private final List<AccessToken> tokens = new ArrayList<>();
  private final Map<String, Integer> linesByName = new HashMap<>();

  private TokensParser() {}

  /** Parses a whole file. */
  static List<AccessToken> parse(byte[] bytes) throws UnusableException {
    TokensParser parser = new TokensParser();
    parser.file(compose(text(bytes)));
    if (!parser.problems.isEmpty()) {
      throw new UnusableException(String.join("; ", parser.problems));
    }
    return List.copyOf(parser.tokens);
  }

  private static String text(byte[] bytes) throws UnusableException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw unusable("it is not UTF-8");
    }
  }

  private static @Nullable Node compose(String text) throws UnusableException {
    try {
      return BoundedYaml.compose(text, TokensFile.MAX_BYTES, DEPTH, 0);
    } catch (BoundedYaml.NotYaml e) {
      throw unusable(String.valueOf(e.getMessage()));
    }
  }

  private static UnusableException unusable(String why) {
    return new UnusableException(why);
  }

  private static String at(int line) {
    return "line " + (line + 1) + ": ";
  }

  private void problem(Node where, String what) {
    if (problems.size() < MOST_PROBLEMS) {
      problems.add(at(where.getStartMark().getLine()) + what);
    }
  }

  private void file(@Nullable Node root) {
    if (!(root instanceof MappingNode map)) {
      problems.add("expected a list named tokens");
      return;
    }
    Map<String, Node> fields = fields(map, List.of(TOKENS), "expected only the key tokens");
    Node list = fields.get(TOKENS);
    if (!(list instanceof SequenceNode all)) {
      problem(list == null ? map : list, "expected a list named tokens");
      return;
    }
    if (all.getValue().size() > MOST) {
      problem(all, "expected at most " + MOST + " tokens, found " + all.getValue().size());
      return;
    }
    all.getValue().forEach(this::token);
  }

  private void token(Node node) {
    if (!(node instanceof MappingNode map)) {
      problem(node, EXPECTED_FIELDS);
      return;
    }
    int before = problems.size();
    Map<String, Node> fields = fields(map, FIELDS, EXPECTED_FIELDS);
    String name = name(map, fields.get("name"));
    Role role = role(map, fields.get("role"));
    AccessToken token =
        name == null || role == null
            ? withSecret("-", Role.VIEW, map, fields)
            : withSecret(name, role, map, fields);
    if (token != null && problems.size() == before) {
      add(map, token);
    }
  }

  private void add(Node node, AccessToken token) {
    for (AccessToken other : tokens) {
      if (other.hasSecretOf(token)) {
        problem(
            node, "expected a secret that no other token has, found the secret of " + other.name());
        return;
      }
    }
    tokens.add(token);
  }

  private @Nullable String name(Node token, @Nullable Node node) {
    String name = text(node);
    if (name == null || !Operator.isName(name)) {
      problem(node == null ? token : node, "name: expected " + Operator.EXPECTED_NAME);
      return null;
    }
    Integer line = linesByName.putIfAbsent(name, token.getStartMark().getLine() + 1);
    if (line != null) {
      problem(
          token, "name: expected a name that no other token has, found the name of line " + line);
      return null;
    }
    return name;
  }

  private @Nullable Role role(Node token, @Nullable Node node) {
    String word = text(node);
    for (Role role : Role.values()) {
      if (Words.lower(role).equals(word)) {
        return role;
      }
    }
    problem(node == null ? token : node, "role: expected view or operate");
    return null;
  }

  private @Nullable AccessToken withSecret(
      String name, Role role, Node token, Map<String, Node> fields) {
    Node secret = fields.get("token");
    Node digest = fields.get("sha256");
    if ((secret == null) == (digest == null)) {
      problem(token, "expected either token or sha256");
      return null;
    }
    String text = text(secret == null ? digest : secret);
    if (secret != null) {
      if (text != null && SECRET.matcher(text).matches()) {
        return AccessToken.of(name, role, text);
      }
      problem(
          secret,
          "token: expected 1 to 1024 printable ASCII characters, without blanks at the ends");
      return null;
    }
    if (text != null && SHA256.matcher(text).matches()) {
      AccessToken token256 = AccessToken.ofDigest(name, role, text);
      if (!token256.isOf(AccessToken.digest(""))) {
        return token256;
      }
    }
    problem(token, "sha256: expected the SHA-256 of a token, 64 hexadecimal digits");
    return null;
  }

  private Map<String, Node> fields(MappingNode map, List<String> known, String expected) {
    Map<String, Node> fields = new HashMap<>();
    for (NodeTuple field : map.getValue()) {
      String name = text(field.getKeyNode());
      if (name == null || !known.contains(name)) {
        problem(field.getKeyNode(), expected);
      } else if (fields.put(name, field.getValueNode()) != null) {
        problem(field.getKeyNode(), name + ": expected once");
      }
    }
    return fields;
  }

  private static @Nullable String text(@Nullable Node node) {
    return node instanceof ScalarNode scalar ? scalar.getValue() : null;
  }
}
