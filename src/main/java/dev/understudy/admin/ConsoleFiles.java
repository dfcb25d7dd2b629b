package dev.understudy.admin;

import dev.understudy.failover.SwitchReason;
import dev.understudy.file.Sha256;
import dev.understudy.health.ProbeOutcome;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;

/**
 * The console's files, held in memory.
 *
 * @param icon the icon of the tab
 * @param hash names the content of all assets
 * @param assets what the page loads, by the path below the hash
 */
record ConsoleFiles(File index, File icon, String hash, Map<String, File> assets) {
  /** The module that the page begins with; all others are imported, by it or by each other. */
  private static final String MAIN = "app/main.js";

  /** The module that is made here. */
  private static final String WORDS = "app/words.js";

  /** Begins the paths of modules of lit-html. */
  private static final String LIBRARY = "lib/";

  private static final Pattern IMPORT = Pattern.compile("\\b(?:from|import) ?[\"']([^\"']+)[\"']");

  private static final MediaType SCRIPT = MediaType.parseMediaType("text/javascript;charset=utf-8");
  private static final MediaType STYLE = MediaType.parseMediaType("text/css;charset=utf-8");
  private static final MediaType PAGE = MediaType.parseMediaType("text/html;charset=utf-8");
  private static final MediaType ICON = MediaType.parseMediaType("image/svg+xml");
  private static final String LIT = "lit-html";
  private static final int HASH_CHARACTERS = 16;

  /**
   * One file. Its bytes are not copied: nobody writes to them.
   *
   * @param etag weak, since it is the same for the compressed form
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record File(MediaType type, byte[] bytes, String etag) {
    static File of(MediaType type, byte[] bytes) {
      return new File(type, bytes, "W/\"" + hash(List.of(bytes)) + "\"");
    }
  }

  /** The asset at a path below a hash; null if there is none. */
  @Nullable File asset(String ofHash, String path) {
    return ofHash.equals(hash) ? assets.get(path) : null;
  }

  /** Reads all files from the class path. */
  static ConsoleFiles load() throws IOException {
    Map<String, File> assets = new LinkedHashMap<>();
    assets.put("console.css", File.of(STYLE, own("console.css")));
    addModule(MAIN, "/META-INF/resources/webjars/" + LIT + "/" + version() + "/", assets);
    String hash = hash(assets.values().stream().map(File::bytes).toList());
    return new ConsoleFiles(
        File.of(PAGE, page(hash, assets)), File.of(ICON, own("favicon.svg")), hash, assets);
  }

  /** Adds a module, and those that it imports. */
  private static void addModule(String path, String library, Map<String, File> assets)
      throws IOException {
    byte[] script =
        path.equals(WORDS)
            ? words()
            : path.startsWith(LIBRARY)
                ? read(library + path.substring(LIBRARY.length()))
                : own(path);
    assets.put(path, File.of(SCRIPT, script));
    Matcher imports = IMPORT.matcher(new String(script, StandardCharsets.UTF_8));
    while (imports.find()) {
      String imported = URI.create(path).resolve(imports.group(1)).toString();
      if (!assets.containsKey(imported)) {
        addModule(imported, library, assets);
      }
    }
  }

  /** The module with the words of reasons and outcomes, by their names. */
  private static byte[] words() {
    Map<String, String> reasons = new TreeMap<>();
    for (SwitchReason reason : SwitchReason.values()) {
      reasons.put(reason.name(), reason.words());
    }
    Map<String, String> outcomes = new TreeMap<>();
    for (ProbeOutcome outcome : ProbeOutcome.values()) {
      outcomes.put(outcome.name(), outcome.words());
    }
    return """
    // The words of reasons and outcomes, by their names.
    export const REASONS = %s;
    export const OUTCOMES = %s;
    """
        .formatted(
            Json.COMPACT.writeValueAsString(reasons), Json.COMPACT.writeValueAsString(outcomes))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** The page, which names all modules, so that a browser loads them together and not in turn. */
  private static byte[] page(String hash, Map<String, File> assets) throws IOException {
    String prefix = "assets/" + hash;
    String modules =
        assets.keySet().stream()
            .filter(path -> path.endsWith(".js"))
            .map(path -> "<link rel=\"modulepreload\" href=\"" + prefix + "/" + path + "\" />")
            .collect(Collectors.joining("\n    "));
    return new String(own("index.html"), StandardCharsets.UTF_8)
        .replace("<!-- {modules} -->", modules)
        .replace("{assets}", prefix)
        .getBytes(StandardCharsets.UTF_8);
  }

  /** The version of the library, which is part of its path. */
  private static String version() throws IOException {
    Properties properties = new Properties();
    try (InputStream in = open("/META-INF/maven/org.webjars.npm/" + LIT + "/pom.properties")) {
      properties.load(in);
    }
    return properties.getProperty("version");
  }

  private static byte[] own(String name) throws IOException {
    return read("console/" + name);
  }

  private static byte[] read(String name) throws IOException {
    try (InputStream in = open(name)) {
      return in.readAllBytes();
    }
  }

  private static InputStream open(String name) {
    InputStream in = ConsoleFiles.class.getResourceAsStream(name);
    if (in == null) {
      throw new IllegalStateException("this build lacks " + name);
    }
    return in;
  }

  private static String hash(List<byte[]> contents) {
    return Sha256.hex(Sha256.of(contents), HASH_CHARACTERS);
  }
}
