#pragma warning disable RS0030 // A program too: it speaks to whoever publishes.

using NpuFeatureDiscovery.Profile;

try
{
    switch (args)
    {
        case ["record", .. { Length: > 0 } logs]:
            foreach (var line in MethodList.Of(logs.SelectMany(File.ReadLines)))
                Console.WriteLine(line);

            return 0;
        case ["write", var list, var assemblies, var output]:
            using (var folder = new AssemblyFolder(assemblies))
            {
                var profile = new ProfileWriter(folder);
                profile.AddOwnMethods();
                var unknown = profile.AddListed(File.ReadLines(list));
                profile.Save(output);
                Console.WriteLine($"{output}: {profile.Count} methods. In the list and in no assembly: {unknown}.");
            }

            return 0;
        default:
            await Console.Error.WriteLineAsync(
                "usage: NpuFeatureDiscovery.Profile record LOG...\n       NpuFeatureDiscovery.Profile write LIST FOLDER OUTPUT");
            return 2;
    }
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException or BadImageFormatException)
{
    await Console.Error.WriteLineAsync($"NpuFeatureDiscovery.Profile: {exception.Message}");
    return 1;
}
