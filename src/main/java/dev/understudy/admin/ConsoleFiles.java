package dev.understudy.admin;

import dev.understudy.failover.SwitchReason;
import dev.understudy.file.Sha256;
import dev.understudy.health.ProbeOutcome;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.MediaType;

/**
 * The console's files, held in memory as they are and compressed.
 *
 * @param icon the icon of the tab
 * @param hash names the content of all assets
 * @param assets what the page loads, by the path below the hash
 */
record ConsoleFiles(File index, File icon, String hash, Map<String, File> assets) {
  /** The page's own modules, in {@code console/app}. */
  static final List<String> MODULES =
      List.of(
          "api",
          "chart-layout",
          "columns",
          "commands",
          "condition",
          "event-feed",
          "events",
          "feed",
          "filter",
          "format",
          "glossary",
          "groups",
          "keys",
          "liveness",
          "main",
          "nearest",
          "order",
          "overview",
          "reads",
          "router",
          "runner",
          "session",
          "sse",
          "store",
          "stream",
          "targets",
          "timeline-layout",
          "ui",
          "view-banner",
          "view-chart",
          "view-dialog",
          "view-events",
          "view-pages",
          "view-pool",
          "view-strip",
          "view-table",
          "view-timeline");

  /** The modules of lit-html that those import, and that they import themselves. */
  static final List<String> LIBRARY =
      List.of(
          "lit-html.js",
          "directive.js",
          "directive-helpers.js",
          "directives/guard.js",
          "directives/repeat.js");

  private static final MediaType SCRIPT = MediaType.parseMediaType("text/javascript;charset=utf-8");
  private static final MediaType STYLE = MediaType.parseMediaType("text/css;charset=utf-8");
  private static final MediaType PAGE = MediaType.parseMediaType("text/html;charset=utf-8");
  private static final MediaType ICON = MediaType.parseMediaType("image/svg+xml");
  private static final String LIT = "lit-html";
  private static final int HASH_CHARACTERS = 16;

  /** One file. Its arrays are not copied: nobody writes to them. */
  static final class File {
    private final MediaType type;
    private final byte[] bytes;
    private final byte[] gzip;
    private final String etag;

    File(MediaType type, byte[] bytes) throws IOException {
      this.type = type;
      this.bytes = bytes;
      this.gzip = compressed(bytes);
      this.etag = "W/\"" + hash(List.of(bytes)) + "\"";
    }

    MediaType type() {
      return type;
    }

    byte[] bytes() {
      return bytes;
    }

    byte[] gzip() {
      return gzip;
    }

    /** Weak, since it is the same for both forms. */
    String etag() {
      return etag;
    }
  }

  /** The asset at a path below a hash; null if there is none. */
  @Nullable File asset(String ofHash, String path) {
    return ofHash.equals(hash) ? assets.get(path) : null;
  }

  /** Reads all files from the class path. */
  static ConsoleFiles load() throws IOException {
    Map<String, File> assets = new LinkedHashMap<>();
    assets.put("console.css", new File(STYLE, own("console.css")));
    for (String module : MODULES) {
      String path = "app/" + module + ".js";
      assets.put(path, new File(SCRIPT, own(path)));
    }
    assets.put("app/words.js", new File(SCRIPT, words()));
    String library = "/META-INF/resources/webjars/" + LIT + "/" + version() + "/";
    for (String module : LIBRARY) {
      assets.put("lib/" + module, new File(SCRIPT, read(library + module)));
    }
    String hash = hash(assets.values().stream().map(File::bytes).toList());
    return new ConsoleFiles(
        new File(PAGE, page(hash, assets)), new File(ICON, own("favicon.svg")), hash, assets);
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

  private static byte[] compressed(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(bytes);
    }
    return out.toByteArray();
  }

  private static String hash(List<byte[]> contents) {
    return Sha256.hex(Sha256.of(contents), HASH_CHARACTERS);
  }
}
