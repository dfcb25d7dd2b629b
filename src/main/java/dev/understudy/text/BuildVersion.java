package dev.understudy.text;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** The version of Understudy that the build recorded. */
public final class BuildVersion {
  /** Stands for the version of classes that another tool than Maven built. */
  public static final String UNKNOWN = "(not built by Maven)";

  private static final String RECORD = "/META-INF/build-info.properties";

  private BuildVersion() {}

  /** Reads the version; null if the build recorded none. */
  public static @Nullable String read() {
    Properties build = new Properties();
    try (InputStream in = BuildVersion.class.getResourceAsStream(RECORD)) {
      if (in != null) {
        build.load(in);
      }
    } catch (IOException e) {
      return null;
    }
    return build.getProperty("build.version");
  }

  /** Reads the version for display. */
  public static String shown() {
    String version = read();
    return version == null ? UNKNOWN : version;
  }

  /** The program with its version, and that of Java. */
  public static String program() {
    return "Understudy " + shown() + ", Java " + Runtime.version();
  }
}
