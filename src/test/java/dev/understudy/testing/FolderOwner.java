package dev.understudy.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;

/** Folders of a user who is not root. */
public final class FolderOwner {
  private FolderOwner() {}

  /**
   * Gives the folder to the user {@code nobody} where the tests run as root; elsewhere it belongs
   * to whoever runs them.
   */
  public static UserPrincipal another(Path folder) throws IOException {
    if (of(folder).getName().equals("root")) {
      Files.setOwner(
          folder,
          folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
    }
    return of(folder);
  }

  /** The owner of a file or folder. */
  public static UserPrincipal of(Path path) {
    try {
      return Files.getOwner(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
