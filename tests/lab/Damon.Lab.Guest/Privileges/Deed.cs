namespace Damon.Lab.Guest.Privileges;

/// <summary>Everything that the agent does and a kernel might refuse; what each is stands in <see cref="PrivilegeTable"/>.</summary>
internal enum Deed
{
    ReadIdentity,
    ReadCgroup,
    ReadMappings,
    NoticeExec,
    SeeHidden,
    OpenPageMap,
    ReadFrames,
    ReadPageFlags,
    MarkIdle,
    ClearReferenced,
    OpenPidfd,
    AdviseCold,
    AdviseWillNeed,
    AdviseCollapse,
    AdvisePageout,
    PageOutFile,
    AdviseOther,
    MovePages,
    Reclaim,
    DriveDamon,
    SwitchModule,
    Signal,
    Listen,
    KeepState,
}
