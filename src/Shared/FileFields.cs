namespace NpuFeatureDiscovery;

/// <summary>The parts of a <see cref="FileStatus"/>, as the kernel numbers them: STATX_TYPE and so on.</summary>
[Flags]
internal enum FileFields : uint
{
    None = 0,
    TypeAndMode = 0x3,
    Links = 0x4,
    OwnerAndGroup = 0x18,
    Changed = 0x80,
    Inode = 0x100,
    Size = 0x200,
    Born = 0x800,
}
