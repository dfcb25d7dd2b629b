package dev.understudy.command;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version recorded by the build. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() throws IOException {
    Properties build = new Properties();
    try (InputStream in = Version.class.getResourceAsStream("/META-INF/build-info.properties")) {
      if (in != null) {
        build.load(in);
      }
    }
    return new String[] {
      "Understudy "
          + build.getProperty("build.version", "(not built by Maven)")
          + ", Java "
          + Runtime.version()
    };
  }
}
