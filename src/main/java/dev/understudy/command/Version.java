package dev.understudy.command;

import dev.understudy.text.BuildVersion;
import picocli.CommandLine.IVersionProvider;

/** The version recorded by the build. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {BuildVersion.program()};
  }
}
